//! Pages about turns on call: they are reached from the page of on call, and looked for by many words.

use super::{Place, page};
use domain::people::Permission;

pub const PAGES: [Place; 8] = [
    page(
        "On-call calendar",
        "Who is on call when, by weeks and months, with gaps and overrides",
        "/on-call/calendar",
        "calendar month week shifts turns rota roster holidays gaps",
        Permission::Read,
    ),
    page(
        "Overrides",
        "Choose a schedule: who has a time instead, a planned gap, turns pasted as a table, shadows",
        "/settings/schedules",
        "override cover swap exception paste table temporary shadow nobody",
        Permission::Read,
    ),
    page(
        "Cover and swaps",
        "A time in which you are away, with all your turns in it: ask for cover; a turn in the calendar offers a swap",
        "/on-call/away",
        "away vacation leave holiday holidays cover swap substitute stand-in",
        Permission::Read,
    ),
    page(
        "Absence",
        "Your absence from a calendar that you have elsewhere, as a file or an address",
        "/on-call/absence",
        "away vacation leave holiday holidays ics ical calendar import out of office",
        Permission::Read,
    ),
    page(
        "Holidays",
        "Choose a team: its holidays from a calendar, as a file or an address",
        "/settings/teams",
        "holiday holidays bank public calendar ics ical",
        Permission::Read,
    ),
    page(
        "Calendar feeds",
        "Your turns, a schedule or a team in the calendar that you have elsewhere; turns as invitations",
        "/on-call/calendars",
        "calendar ics ical webcal google outlook subscribe export feed invitation address",
        Permission::Read,
    ),
    page(
        "Readiness",
        "Gaps and people who cannot be woken, in the next two weeks",
        "/on-call/readiness",
        "gaps nobody coverage check ready",
        Permission::Read,
    ),
    page(
        "Which mails you get",
        "News of your turns, incidents and action items; pages always come",
        "/settings/profile#mails",
        "notification notifications notify email alerts unsubscribe turn off method rules",
        Permission::Read,
    ),
];
