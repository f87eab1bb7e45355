//! The database's address without its password: for people, and for PostgreSQL's own programs.

use percent_encoding::percent_decode_str;
use url::Url;

/// Where the database is, for people to read.
pub fn shown(database_url: &str) -> String {
    if database_url.starts_with("sqlite:") {
        return database_url.split('?').next().unwrap_or_default().to_owned();
    }
    // An address in which nothing can be told apart is not shown.
    let Ok(url) = Url::parse(database_url) else {
        return "PostgreSQL".to_owned();
    };
    let named = |name: &str| {
        let mut pairs = url.query_pairs();
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let host = url.host_str().map(str::to_owned);
    let host = named("host").or(host).unwrap_or_else(|| "localhost".to_owned());
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let database = named("dbname").unwrap_or_else(|| url.path().trim_start_matches('/').to_owned());
    format!("{database} at {host}{port}")
}

/// What `pg_dump` and its kin are called with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForPrograms {
    /// Anybody on the machine can read it in the list of processes.
    pub address: String,
    /// Goes into the environment, which only its owner can read.
    pub password: Option<String>,
}

impl ForPrograms {
    /// `None` for what is no address.
    pub fn of(database_url: &str) -> Option<Self> {
        let mut url = Url::parse(database_url).ok()?;
        let mut password = url
            .password()
            .map(|written| percent_decode_str(written).decode_utf8_lossy().into_owned());
        url.set_password(None).ok()?;
        let mut kept = Vec::new();
        for (name, value) in url.query_pairs() {
            match name.as_ref() {
                "password" => password = Some(value.into_owned()),
                // Of the driver; PostgreSQL's programs refuse what they do not know.
                "statement-cache-capacity" | "sslpassword" => {}
                name if name.starts_with("options[") => {}
                name => kept.push((theirs(name).to_owned(), value.into_owned())),
            }
        }
        url.set_query(None);
        if !kept.is_empty() {
            // They read a plus sign as one.
            let encoded = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(kept)
                .finish()
                .replace('+', "%20");
            url.set_query(Some(&encoded));
        }
        Some(Self {
            address: url.into(),
            password,
        })
    }
}

/// The driver knows these by several names.
fn theirs(name: &str) -> &str {
    match name {
        "ssl-mode" => "sslmode",
        "ssl-root-cert" | "ssl-ca" => "sslrootcert",
        "ssl-cert" => "sslcert",
        "ssl-key" => "sslkey",
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown_wherever_it_stands() {
        for (url, told) in [
            ("sqlite://data/kintsugi.db?mode=rwc", "sqlite://data/kintsugi.db"),
            ("postgres://ana:hush@db.example/kin", "kin at db.example"),
            (
                "postgres://db.example:5433/kin?user=ana&password=hush",
                "kin at db.example:5433",
            ),
            (
                "postgres:///kin?host=/run/postgresql&password=hush",
                "kin at /run/postgresql",
            ),
            ("postgres://ana:hush@[::1", "PostgreSQL"),
        ] {
            assert_eq!(shown(url), told);
        }
    }

    #[test]
    fn programs_get_the_password_apart_from_the_address() {
        for (url, address, password) in [
            ("postgres://ana@db/kin", "postgres://ana@db/kin", None),
            (
                "postgres://ana:h%40sh+%26@db/kin",
                "postgres://ana@db/kin",
                Some("h@sh+&"),
            ),
            (
                "postgres://db/kin?password=h%40sh&user=ana",
                "postgres://db/kin?user=ana",
                Some("h@sh"),
            ),
            (
                "postgres://db/kin?ssl-mode=require&statement-cache-capacity=9&options=-c%20x%3D1",
                "postgres://db/kin?sslmode=require&options=-c%20x%3D1",
                None,
            ),
        ] {
            let told = ForPrograms::of(url).unwrap();
            assert_eq!(told.address, address);
            assert_eq!(told.password.as_deref(), password);
        }
    }
}
