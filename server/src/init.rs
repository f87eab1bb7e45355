//! `kintsugi init`: set-up without a browser. Run again it changes nothing and prints the same, with the secrets null.

use crate::cli::Init;
use crate::serve;
use crate::settings::Settings;
use engine::people::passwords;
use engine::setup::{self, First, WayIn};
use engine::transaction;
use serde_json::{Value, json};

/// Why `init` did nothing.
#[derive(Debug, thiserror::Error)]
pub enum InitFailed {
    #[error(
        "KINTSUGI_ADMIN_PASSWORD is not set. Put the administrator's password there; it is not taken as a flag, since flags can be seen by others"
    )]
    NoPassword,
    #[error("{0}")]
    Engine(#[from] engine::Error),
    #[error("{0}")]
    Start(Box<serve::NoStart>),
}

pub async fn run(settings: &Settings, wanted: &Init) -> Result<(), InitFailed> {
    let password = std::env::var("KINTSUGI_ADMIN_PASSWORD").map_err(|_| InitFailed::NoPassword)?;
    let first = First {
        name: wanted.admin_name.clone(),
        email: wanted.admin_email.clone(),
        time_zone: wanted.time_zone.clone(),
        team: wanted.team.clone(),
        service: wanted.service.clone(),
    };
    setup::check(&first)?;
    let engine = serve::engine(settings)
        .await
        .map_err(|error| InitFailed::Start(Box::new(error)))?;
    let password = passwords::hash(&engine.context, &password, &first.email).await?;
    let made = transaction!(engine, |tx| setup::first(tx, &first, &password).await?)?;
    let link = |path: String| engine.context.link(&path);
    let address = |way: &WayIn| -> Value {
        let source = way.integration.kind.source();
        way.secret.as_ref().map_or(Value::Null, |secret| {
            json!(source.address(engine.context.base_url.as_str(), secret.reveal()))
        })
    };
    let printed = json!({
        "administrator": made.administrator.email,
        "team": made.team.slug,
        "service": made.service.slug,
        "service_page": link(format!("/settings/services/{}", made.service.slug)),
        "integrations": {
            "json": { "url": address(&made.json) },
            "alertmanager": { "url": address(&made.alertmanager) },
            "pagerduty": {
                "url": link("/v2/enqueue".to_owned()),
                "routing_key": made.pagerduty.secret.as_ref().map(|secret| secret.reveal().to_owned()),
            },
        },
    });
    engine.db.close().await;
    println!("{printed:#}");
    Ok(())
}
