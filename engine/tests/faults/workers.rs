//! A fault of our own in what happens by itself.

use testing::{both_databases, hours, minutes, until};

both_databases! {
    async fn a_worker_that_stumbles_begins_again(app) {
        app.usual_cast().await;
        let at_work = app.go_to_work();
        // Workers ask for the time at each of their steps. The fault lies in the first reading, then in the second …
        for reading in 0..14 {
            app.clock.pass(hours(1));
            app.fires("checkout", "Slow", 2, &format!("slow {reading}")).await;
            app.clock.break_after(reading);
            until("a worker stumbled", async || app.clock.has_broken()).await;
            app.clock.mend();
            // What was being sent then is taken up again after its claim.
            app.clock.pass(minutes(3));
            let told = async || {
                app.count("SELECT COUNT(DISTINCT incident_id) FROM notifications WHERE state = 'sent' AND kind = 'page'").await
            };
            until("a page was sent, and that is written down", async || told().await == reading + 1).await;
        }
        at_work.end().await;
    }
}
