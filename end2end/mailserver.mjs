// A real SMTP server on loopback, which keeps what it is sent.
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import { until } from "./kintsugi.mjs";

/** `{ url, mails, waitFor, stop }`; a mail is what mailparser makes of it. */
export async function mailServer() {
  const mails = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    async onData(stream, session, done) {
      try {
        const mail = await simpleParser(stream);
        mails.push({ ...mail, recipients: session.envelope.rcptTo.map(({ address }) => address) });
        done();
      } catch (error) {
        done(error);
      }
    },
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.server.address();
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    /** The first mail to `to` whose subject matches. */
    waitFor: (to, subject) =>
      until(
        () => mails.find((mail) => mail.recipients.includes(to) && subject.test(mail.subject)),
        `a mail to ${to} with the subject ${subject}; there are: ${mails.map((mail) => mail.subject).join("; ")}`,
      ),
    stop: () => new Promise((closed) => server.close(closed)),
  };
}

/** The first link in a mail's text whose path begins with `path`. */
export function linkIn(mail, path) {
  const link = mail.text.split(/\s+/).find((word) => /^https?:/.test(word) && new URL(word).pathname.startsWith(path));
  if (!link) throw new Error(`no link to ${path} in ${mail.text}`);
  return link;
}
