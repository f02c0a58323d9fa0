//! How many connections there are, in all and from one machine: one comes in, a permit to serve it comes out or not.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most connections, and the most from one other machine, so that no machine can keep the others out. A browser's tab
/// takes three.
const MOST: usize = 64;
const MOST_EACH: usize = 24;

/// The open connections.
#[derive(Debug, Clone, Default)]
pub(super) struct Connections(Arc<Mutex<HashMap<IpAddr, usize>>>);

impl Connections {
    /// A permit for one more connection from `ip`, given back when it is dropped. `None`: there are too many.
    pub(super) fn admit(&self, ip: IpAddr) -> Option<Permit> {
        let mut open = self.lock();
        let (all, own) = (
            open.values().sum::<usize>(),
            open.get(&ip).copied().unwrap_or(0),
        );
        let most_each = if ip.is_loopback() { MOST } else { MOST_EACH };
        if all >= MOST || own >= most_each {
            return None;
        }
        open.insert(ip, own + 1);
        let connections = self.clone();
        Some(Permit { connections, ip })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An open connection.
#[derive(Debug)]
pub(super) struct Permit {
    connections: Connections,
    ip: IpAddr,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.connections.lock();
        if let Some(own) = open.get_mut(&self.ip) {
            *own -= 1;
            if *own == 0 {
                open.remove(&self.ip);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_machine_takes_all_places_and_a_place_is_given_back() {
        let connections = Connections::default();
        let take = |n: u8| -> Vec<Permit> {
            let ip = IpAddr::from([10, 0, 0, n]);
            (0..99).map_while(|_| connections.admit(ip)).collect()
        };
        let first = take(1);
        assert_eq!(first.len(), MOST_EACH);
        let second = take(2);
        let third = take(3);
        assert_eq!(first.len() + second.len() + third.len(), MOST);
        drop(first);
        assert_eq!(take(4).len(), MOST_EACH);
        drop((second, third));
        assert!(connections.lock().is_empty());
        let local = IpAddr::from([127, 0, 0, 1]);
        let all: Vec<_> = (0..99).map_while(|_| connections.admit(local)).collect();
        assert_eq!(all.len(), MOST);
    }
}
