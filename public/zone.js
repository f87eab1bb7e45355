// Where nobody has chosen a time zone yet, the one of this browser is proposed.
for (const part of document.querySelectorAll("[data-zone-of-browser]")) {
  const select = part.querySelector("select");
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  if ([...select.options].some((option) => option.value === timeZone)) select.value = timeZone;
}
