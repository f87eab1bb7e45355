// Where nobody has chosen a time zone yet, the one of this browser is proposed. Browsers keep some zones under an older name
// (Asia/Calcutta for Asia/Kolkata), so that it is asked of each choice what it calls it.
const called = (timeZone) => {
  try {
    return Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
};
for (const part of document.querySelectorAll("[data-zone-of-browser]")) {
  const select = part.querySelector("select");
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const choices = [...select.options].map((option) => option.value);
  const choice = choices.find((value) => value === timeZone) ?? choices.find((value) => called(value) === timeZone);
  if (choice) select.value = choice;
}
