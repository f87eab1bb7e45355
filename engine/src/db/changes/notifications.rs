//! Notifications that are to be sent.

use super::rows::Row;
use crate::db::Arg;
use chrono::{DateTime, Utc};
use domain::ids::{IncidentId, NotificationId, PageId, PersonId};
use domain::notifications::{MethodKind, NotificationKind, NotificationState, Urgency};

pub(crate) struct NewNotification {
    pub id: NotificationId,
    pub method: MethodKind,
    pub kind: NotificationKind,
    pub person_id: PersonId,
    pub incident_id: Option<IncidentId>,
    pub page_id: Option<PageId>,
    pub to_address: String,
    pub to_name: String,
    pub message_id: String,
    pub thread_id: Option<String>,
    pub subject: String,
    pub text_body: String,
    pub html_body: String,
    pub calendar: Option<String>,
    pub state: NotificationState,
    pub created_at: DateTime<Utc>,
    pub urgency: Urgency,
}

impl Row for NewNotification {
    const TEXT: &'static str = "INSERT INTO notifications (id, method, kind, person_id, incident_id, page_id, to_address, to_name, message_id,
         thread_id, subject, text_body, html_body, calendar, state, next_attempt_at, created_at, urgency)
         VALUES {rows} ON CONFLICT (message_id) DO NOTHING";

    fn args(self) -> Vec<Arg> {
        vec![
            self.id.into(),
            self.method.into(),
            self.kind.into(),
            self.person_id.into(),
            self.incident_id.into(),
            self.page_id.into(),
            self.to_address.into(),
            self.to_name.into(),
            self.message_id.into(),
            self.thread_id.into(),
            self.subject.into(),
            self.text_body.into(),
            self.html_body.into(),
            self.calendar.into(),
            self.state.into(),
            self.created_at.into(),
            self.created_at.into(),
            self.urgency.number().into(),
        ]
    }
}
