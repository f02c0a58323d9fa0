//! The address of the remote control's page, as a card with a QR code that a phone reads: shown for some seconds when the
//! session begins, and by key.

use std::time::{Duration, Instant};

use crate::remote::qr::Qr;

/// How long it is shown at the beginning: time to take a phone out.
const BEGINNING: Duration = Duration::from_secs(15);

/// Where the page of a session is.
#[derive(Debug, Clone)]
pub(in crate::live) struct PageAddress {
    pub(in crate::live) url: String,
    /// Whether other machines reach it.
    pub(in crate::live) is_shared: bool,
}

/// The card.
#[derive(Debug)]
pub(super) struct AddressCard {
    url: String,
    qr: Option<Qr>,
    shown: Shown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    No,
    Until(Instant),
    ByKey,
}

impl AddressCard {
    /// An address that only this machine reaches is not shown until the key is pressed, and without a code.
    pub(super) fn new(page: PageAddress, now: Instant) -> Self {
        Self {
            qr: page.is_shared.then(|| Qr::new(&page.url)).flatten(),
            url: page.url,
            shown: match page.is_shared {
                true => Shown::Until(now + BEGINNING),
                false => Shown::No,
            },
        }
    }

    /// The key was pressed.
    pub(super) fn toggle(&mut self, now: Instant) {
        self.shown = match self.is_shown(now) {
            true => Shown::No,
            false => Shown::ByKey,
        };
    }

    /// The address and its code, while they are shown.
    pub(super) fn get(&self, now: Instant) -> Option<(&str, Option<&Qr>)> {
        self.is_shown(now)
            .then_some((self.url.as_str(), self.qr.as_ref()))
    }

    fn is_shown(&self, now: Instant) -> bool {
        match self.shown {
            Shown::No => false,
            Shown::Until(end) => now < end,
            Shown::ByKey => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_address_is_shown_at_the_beginning_and_any_by_key() {
        let now = Instant::now();
        let card = |is_shared| {
            let url = "http://10.0.0.1:7420/?token=0123456789abcdef".to_owned();
            AddressCard::new(PageAddress { url, is_shared }, now)
        };
        let (mut shared, mut own) = (card(true), card(false));
        assert!(shared.get(now).is_some_and(|(_, qr)| qr.is_some()));
        assert!(shared.get(now + BEGINNING).is_none() && own.get(now).is_none());
        own.toggle(now);
        shared.toggle(now);
        assert!(own.get(now + BEGINNING).is_some_and(|(_, qr)| qr.is_none()));
        assert!(shared.get(now).is_none());
        shared.toggle(now);
        assert!(shared.get(now + 2 * BEGINNING).is_some());
    }
}
