//! A stream of MIDI bytes, as a device sends it: bytes go in one by one, messages come out.

/// A message that something can be bound to, or that gives the beat. Channels are 1..=16.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Message {
    /// A key was pressed, or with velocity 0 let go.
    Note { channel: u8, note: u8, velocity: u8 },
    /// A knob, fader, wheel or button.
    Controller {
        channel: u8,
        controller: u8,
        value: u8,
    },
    /// The clock, 24 times a beat.
    Clock,
    /// The music begins: the next clock is its first beat.
    Start,
}

/// What of a message has come so far.
#[derive(Debug, Default)]
pub(super) struct Parser {
    /// The status byte that data bytes belong to: it stays for further messages of the same kind. `None`: they are skipped.
    status: Option<u8>,
    /// The first data byte, once it has come.
    first: Option<u8>,
}

impl Parser {
    /// Take one byte.
    pub(super) fn push(&mut self, byte: u8) -> Option<Message> {
        match byte {
            // Real time: comes in the middle of anything and changes nothing else.
            0xf8 => Some(Message::Clock),
            0xfa => Some(Message::Start),
            0xf9..=0xff => None,
            // System exclusive, and what else has no channel: its data bytes are skipped.
            0xf0..=0xf7 => {
                self.status = None;
                None
            }
            0x80..=0xef => {
                (self.status, self.first) = (Some(byte), None);
                None
            }
            data => self.data(data),
        }
    }

    fn data(&mut self, byte: u8) -> Option<Message> {
        let status = self.status?;
        // Program change and channel pressure have one data byte, and mean nothing here.
        if matches!(status & 0xf0, 0xc0 | 0xd0) {
            return None;
        }
        let Some(first) = self.first.take() else {
            self.first = Some(byte);
            return None;
        };
        let channel = (status & 0x0f) + 1;
        match status & 0xf0 {
            0x80 => Some(Message::Note {
                channel,
                note: first,
                velocity: 0,
            }),
            0x90 => Some(Message::Note {
                channel,
                note: first,
                velocity: byte,
            }),
            // From 120 on they are modes of the channel, such as "all notes off".
            0xb0 if first < 120 => Some(Message::Controller {
                channel,
                controller: first,
                value: byte,
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<Message> {
        let mut parser = Parser::default();
        bytes.iter().filter_map(|b| parser.push(*b)).collect()
    }

    const fn controller(channel: u8, controller: u8, value: u8) -> Message {
        Message::Controller {
            channel,
            controller,
            value,
        }
    }

    const fn note(channel: u8, note: u8, velocity: u8) -> Message {
        Message::Note {
            channel,
            note,
            velocity,
        }
    }

    #[test]
    fn messages_are_read_with_and_without_running_status() {
        assert_eq!(read(&[0xb0, 7, 64]), [controller(1, 7, 64)]);
        assert_eq!(
            read(&[0xbf, 7, 1, 7, 2, 8, 3, 0x90, 60, 100, 60, 0, 0x81, 61, 5]),
            [
                controller(16, 7, 1),
                controller(16, 7, 2),
                controller(16, 8, 3),
                note(1, 60, 100),
                note(1, 60, 0),
                note(2, 61, 0)
            ]
        );
    }

    #[test]
    fn real_time_bytes_come_in_the_middle_of_anything() {
        assert_eq!(
            read(&[0xb0, 0xf8, 7, 0xfe, 0xfa, 64, 0xf8, 7, 65]),
            [
                Message::Clock,
                Message::Start,
                controller(1, 7, 64),
                Message::Clock,
                controller(1, 7, 65)
            ]
        );
        // Also of an exclusive message.
        let bytes = [0xf0, 1, 0xf8, 2, 0xf7, 0xb0, 7, 1];
        assert_eq!(read(&bytes), [Message::Clock, controller(1, 7, 1)]);
    }

    #[test]
    fn exclusive_and_common_messages_are_skipped_with_their_data() {
        let mut bytes = vec![0xf0];
        bytes.extend(std::iter::repeat_n(0x42, 100_000));
        // Also one that is never ended.
        bytes.extend_from_slice(&[0xb1, 1, 2]);
        assert_eq!(read(&bytes), [controller(2, 1, 2)]);
        // Song position and tune request end a running status.
        assert_eq!(read(&[0xb0, 7, 1, 0xf2, 5, 6, 7, 8, 0xf6, 7, 2]).len(), 1);
    }

    #[test]
    fn messages_that_mean_nothing_here_are_skipped() {
        let bytes = [
            0xc0, 5, 6, 0xd3, 7, 0xe0, 0, 64, 0xa0, 60, 4, 0xb0, 123, 0, 120, 0, 1, 9,
        ];
        assert_eq!(read(&bytes), [controller(1, 1, 9)]);
    }

    #[test]
    fn garbage_and_cut_messages_do_no_harm() {
        assert_eq!(read(&[1, 2, 3, 0xb0, 7]), []);
        assert_eq!(
            read(&[0xb0, 7, 0x90, 60, 1, 0xb0, 7, 3]),
            [note(1, 60, 1), controller(1, 7, 3)]
        );
        let mut seed = 1_u64;
        let mut parser = Parser::default();
        for _ in 0..1_000_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            match parser.push((seed >> 56) as u8) {
                Some(Message::Note {
                    channel,
                    note,
                    velocity,
                }) => {
                    assert!((1..=16).contains(&channel) && note < 128 && velocity < 128);
                }
                Some(Message::Controller {
                    channel,
                    controller,
                    value,
                }) => {
                    assert!((1..=16).contains(&channel) && controller < 120 && value < 128);
                }
                _ => {}
            }
        }
    }
}
