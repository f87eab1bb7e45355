//! How many connections there is place for, and who makes place.

use super::visit::Visit;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Files that the program opens besides connections that come in: the database, mail, what it reads and writes.
const OTHER_FILES: u64 = 96;
/// Each connection costs memory, however many files a system allows.
const MOST_CONNECTIONS: u64 = 16_384;

/// The places by what the system allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    pub connections: usize,
    /// Of these, what pages may take; the rest is kept for machines.
    pub pages: usize,
}

impl Room {
    /// Of so many files that may be open at once.
    pub fn within(files: u64) -> Self {
        let connections = files.saturating_sub(OTHER_FILES).max(files / 2);
        let connections = usize::try_from(connections.min(MOST_CONNECTIONS)).unwrap_or(usize::MAX);
        Self {
            connections,
            pages: connections - connections / 4,
        }
    }
}

pub struct Places {
    room: Room,
    taken: Mutex<Taken>,
    pages: Arc<Semaphore>,
}

#[derive(Default)]
struct Taken {
    last: u64,
    visits: HashMap<u64, (IpAddr, Arc<Visit>)>,
}

impl Taken {
    /// Who has kept us waiting the longest, among those of the address that holds the most places.
    fn to_make_place(&self) -> Option<u64> {
        let waiting: Vec<(u64, IpAddr, Instant)> = self
            .visits
            .iter()
            .filter_map(|(number, (from, visit))| Some((*number, *from, visit.keeps_us_waiting_since()?)))
            .collect();
        let mut holds: HashMap<IpAddr, usize> = HashMap::new();
        for (_, from, _) in &waiting {
            *holds.entry(*from).or_default() += 1;
        }
        let most = holds.values().max()?;
        waiting
            .iter()
            .filter(|(_, from, _)| holds.get(from) == Some(most))
            .min_by_key(|(_, _, since)| *since)
            .map(|(number, _, _)| *number)
    }
}

impl Places {
    pub fn new(room: Room) -> Arc<Self> {
        Arc::new(Self {
            room,
            taken: Mutex::default(),
            pages: Arc::new(Semaphore::new(room.pages)),
        })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a connection. Where all are taken, somebody who keeps us waiting leaves; `None` where nobody does.
    pub fn enter(self: &Arc<Self>, from: IpAddr) -> Option<Place> {
        let mut taken = self.taken();
        if taken.visits.len() >= self.room.connections {
            let number = taken.to_make_place()?;
            if let Some((_, visit)) = taken.visits.remove(&number) {
                visit.make_place();
            }
        }
        taken.last += 1;
        let number = taken.last;
        let visit = Visit::new();
        taken.visits.insert(number, (from, visit.clone()));
        Some(Place {
            places: self.clone(),
            number,
            visit,
        })
    }

    /// A place for one more page under way, for as long as it is held.
    pub fn page(&self) -> Option<OwnedSemaphorePermit> {
        self.pages.clone().try_acquire_owned().ok()
    }
}

/// A connection's place, until it is dropped.
pub struct Place {
    places: Arc<Places>,
    number: u64,
    visit: Arc<Visit>,
}

impl Place {
    pub fn visit(&self) -> Arc<Visit> {
        self.visit.clone()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.taken().visits.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Version;

    const ONE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
    const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));

    fn places(connections: usize) -> Arc<Places> {
        Places::new(Room {
            connections,
            pages: 1,
        })
    }

    #[test]
    fn some_files_are_kept_for_the_database_and_for_mail() {
        for (files, connections, pages) in [
            (64, 32, 24),
            (256, 160, 120),
            (1024, 928, 696),
            (1_048_576, 16_384, 12_288),
        ] {
            assert_eq!(Room::within(files), Room { connections, pages }, "{files}");
        }
    }

    #[tokio::test]
    async fn who_waits_for_us_stays_and_who_keeps_us_waiting_leaves() {
        let places = places(2);
        let asked = places.enter(ONE).expect("a place");
        let errand = asked.visit().begin(Version::HTTP_11);
        drop(errand.arriving(()));
        let _idle = places.enter(ONE).expect("a place");
        let new = places.enter(ONE).expect("the place of the idle one");
        let second = new.visit().begin(Version::HTTP_11);
        drop(second.arriving(()));
        assert!(places.enter(ONE).is_none(), "all wait for us");
        drop(errand);
        assert!(places.enter(ONE).is_some());
    }

    #[tokio::test]
    async fn a_crowd_from_one_address_makes_place_among_itself() {
        let places = places(3);
        let first = places.enter(OTHER).expect("a place");
        let _crowd = [places.enter(ONE), places.enter(ONE)];
        let _more = [places.enter(ONE), places.enter(ONE)];
        let stays = places.taken().visits.contains_key(&first.number);
        assert!(stays, "the only one of its address, though it came first");
    }

    #[tokio::test]
    async fn pages_have_places_of_their_own_number() {
        let places = places(9);
        let page = places.page();
        assert!(page.is_some() && places.page().is_none());
        drop(page);
        assert!(places.page().is_some());
    }
}
