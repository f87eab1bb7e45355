//! Forms that make something, and that come twice.

#![allow(clippy::unwrap_used)]

use engine::sent::{self, Standing};
use engine::{Actor, transaction};
use testing::{TestApp, both_databases, seconds};

async fn comes(app: &TestApp) -> Standing {
    transaction!(app.engine, |tx| sent::take(tx, b"form").await?).unwrap()
}

both_databases! {
    async fn a_form_that_was_done_is_not_done_again_though_its_program_was_killed(app) {
        assert_eq!(comes(app).await, Standing::New);
        let acting = app.engine.by(Actor::Kintsugi).for_form(Some(b"form".to_vec()));
        transaction!(acting, |tx| {
            let _ = tx.now();
        })
        .unwrap();
        // It is killed here: nobody says where the form led.
        assert_eq!(comes(app).await, Standing::UnderWay);
        app.pass(seconds(31)).await;
        assert_eq!(comes(app).await, Standing::DoneUnseen);
    }

    async fn a_form_whose_program_was_killed_before_it_was_done_is_worked_on_anew(app) {
        assert_eq!(comes(app).await, Standing::New);
        let acting = app.engine.by(Actor::Kintsugi).for_form(Some(b"form".to_vec()));
        // Dropped, as by a kill.
        drop(acting.begin().await.unwrap());
        app.pass(seconds(31)).await;
        assert_eq!(comes(app).await, Standing::New);
        transaction!(app.engine, |tx| sent::done(tx, b"form", "/incidents/1").await?).unwrap();
        assert_eq!(comes(app).await, Standing::Done("/incidents/1".to_owned()));
    }
}
