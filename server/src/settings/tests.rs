use super::*;

fn with(change: impl FnOnce(&mut Flags)) -> Result<Settings, WrongSetting> {
    let mut flags = Flags::default();
    change(&mut flags);
    Settings::read(&flags)
}

#[test]
fn defaults_serve_this_machine_only() {
    let settings = with(|_| {}).unwrap();
    assert!(settings.listen.ip().is_loopback() && settings.base_url_is_loopback());
    assert_eq!(settings.base_url.as_str(), "http://localhost:3000/");
    assert_eq!(settings.mail_from.email.to_string(), "kintsugi@localhost");
}

#[test]
fn what_does_not_fit_is_named() {
    for (flags, named) in [
        (
            Flags {
                listen: Some("nowhere".to_owned()),
                ..Flags::default()
            },
            "listen",
        ),
        (
            Flags {
                base_url: Some("ftp://x".to_owned()),
                ..Flags::default()
            },
            "base_url",
        ),
        (
            Flags {
                mail_from: Some("nobody".to_owned()),
                ..Flags::default()
            },
            "mail_from",
        ),
        (
            Flags {
                tls_cert: Some("a.pem".into()),
                ..Flags::default()
            },
            "tls_cert",
        ),
        (
            Flags {
                trusted_proxies: Some("10.0.0.5, proxy".to_owned()),
                ..Flags::default()
            },
            "trusted_proxies",
        ),
        (
            Flags {
                heartbeat_url: Some("nowhere".to_owned()),
                ..Flags::default()
            },
            "heartbeat_url",
        ),
        (
            Flags {
                secret_key: Some("hush".to_owned()),
                ..Flags::default()
            },
            "secret_key",
        ),
        (
            Flags {
                payload_days: Some(999_999_999),
                ..Flags::default()
            },
            "payload_days",
        ),
        (
            Flags {
                config: Some("/nowhere.toml".into()),
                ..Flags::default()
            },
            "/nowhere.toml",
        ),
    ] {
        let error = Settings::read(&flags).unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
    }
}
