//! The ways of telling somebody something, each a folder.

pub mod mail;

pub use mail::Mailer;

use crate::notifications::{Answer, Method, Notification};
use domain::notifications::MethodKind;

/// All of them. A notification goes the way that it was written for.
#[derive(Clone)]
pub struct Methods {
    pub mail: Mailer,
}

impl Method for Methods {
    async fn send(&self, notification: &Notification) -> Answer {
        match notification.method {
            MethodKind::Mail => self.mail.send(notification).await,
        }
    }

    fn end_idle(&self) {
        self.mail.end_idle();
    }
}
