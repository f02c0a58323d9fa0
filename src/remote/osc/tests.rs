#![allow(clippy::unwrap_used)]

use std::sync::Mutex;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use rosc::{OscMessage, OscPacket, OscType, decoder, encoder};

use super::*;
use crate::remote::{Control, StyleKey};

const PATIENCE: Duration = Duration::from_secs(20);

/// A server on a free port, the controls that come from it, what it told, and a client.
struct Setup {
    desk: Desk,
    osc: Osc,
    controls: Receiver<Control>,
    told: Arc<Mutex<Vec<String>>>,
    client: UdpSocket,
}

fn setup() -> Setup {
    let (desk, controls) = Desk::new();
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let to = told.clone();
    let tell: Tell = Arc::new(move |text| to.lock().unwrap().push(text.to_owned()));
    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let osc = Osc::start(Some(local), None, &desk, tell).unwrap();
    let client = UdpSocket::bind(local).unwrap();
    client.connect(osc.address().unwrap()).unwrap();
    Setup {
        desk,
        osc,
        controls,
        told,
        client,
    }
}

fn message(address: &str, args: Vec<OscType>) -> Vec<u8> {
    let addr = address.to_owned();
    encoder::encode(&OscPacket::Message(OscMessage { addr, args })).unwrap()
}

#[test]
fn messages_through_a_socket_become_controls() {
    let setup = setup();
    let send = |bytes: &[u8]| setup.client.send(bytes).unwrap();
    send(&message("/impasto/strength", vec![OscType::Float(0.5)]));
    send(&message("/impasto/next", vec![]));
    let first = setup.controls.recv_timeout(PATIENCE).unwrap();
    assert!(matches!(first, Control::Strength(v) if v == 0.5));
    let second = setup.controls.recv_timeout(PATIENCE).unwrap();
    assert!(matches!(second, Control::GlideBy(1)));
}

#[test]
fn garbage_is_told_once_and_the_server_goes_on() {
    let setup = setup();
    let send = |bytes: &[u8]| setup.client.send(bytes).unwrap();
    for _ in 0..50 {
        send(b"garbage");
        send(b"");
        send(&[0xff; 1500]);
        send(&message("/impasto/unknown", vec![]));
        send(&message(
            "/impasto/strength",
            vec![OscType::Float(f32::NAN)],
        ));
        send(&message("/impasto/strength", vec![OscType::Float(-1.0)]));
    }
    // A datagram may be lost even on this machine when the buffer is full.
    loop {
        send(&message("/impasto/next", vec![]));
        if setup
            .controls
            .recv_timeout(Duration::from_millis(100))
            .is_ok()
        {
            break;
        }
    }
    let told = setup.told.lock().unwrap();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(
        told.iter().any(|t| t.contains("/impasto/unknown")),
        "{told:?}"
    );
    assert!(told.iter().any(|t| t.contains("finite number")), "{told:?}");
    assert!(setup.controls.try_iter().count() < 50);
}

#[test]
fn styles_that_the_session_lacks_are_told_once_and_not_passed_on() {
    let setup = setup();
    setup
        .desk
        .publish(|status| status.styles = vec!["red".to_owned(), "blue".to_owned()]);
    let style = |key: OscType| {
        let bytes = message("/impasto/style", vec![key]);
        setup.client.send(&bytes).unwrap();
    };
    style(OscType::Int(3));
    style(OscType::String("green\u{1b}".into()));
    style(OscType::Int(2));
    style(OscType::String("blue".into()));
    let first = setup.controls.recv_timeout(PATIENCE).unwrap();
    assert!(matches!(first, Control::GlideTo(StyleKey::Index(1))));
    let second = setup.controls.recv_timeout(PATIENCE).unwrap();
    assert!(matches!(second, Control::GlideTo(StyleKey::Name(name)) if name == "blue"));
    let told = setup.told.lock().unwrap();
    assert_eq!(told.as_slice(), ["OSC: there is no style 3; there are 2"]);
}

#[test]
fn a_flood_leaves_the_newest_value() {
    let setup = setup();
    for n in 0..20_000 {
        let value = n as f32 / 20_000.0;
        drop(
            setup
                .client
                .send(&message("/impasto/strength", vec![OscType::Float(value)])),
        );
    }
    let mut last = 0.0;
    // The last one again, as the flood may have pushed it out of the system's buffer.
    std::thread::sleep(Duration::from_millis(50));
    setup
        .client
        .send(&message("/impasto/strength", vec![OscType::Float(1.0)]))
        .unwrap();
    while last != 1.0 {
        match setup.controls.recv_timeout(PATIENCE).unwrap() {
            Control::Strength(value) => last = value,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn an_address_in_use_is_refused_with_the_reason_and_the_port_is_free_again_afterwards() {
    let Setup { osc, .. } = setup();
    let address = osc.address().unwrap();
    assert!(address.ip().is_loopback() && address.port() != 0);
    let start = || {
        let (desk, _controls) = Desk::new();
        Osc::start(Some(address), None, &desk, Arc::new(|_| {}))
    };
    let said = start().unwrap_err().to_string();
    assert!(
        said.starts_with(&format!("osc: {address}: cannot be listened on")),
        "{said}"
    );
    drop(osc);
    drop(start().unwrap());
}

#[test]
fn changes_are_told_to_whoever_is_named() {
    let listener = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.set_read_timeout(Some(PATIENCE)).unwrap();
    let (desk, _controls) = Desk::new();
    let to = listener.local_addr().unwrap();
    let _osc = Osc::start(None, Some(to), &desk, Arc::new(|_| {})).unwrap();
    desk.publish(|status| {
        status.styles = vec!["red".to_owned()];
        status.weights = vec![1.0];
    });
    let mut buffer = [0; 4096];
    let mut next = || {
        let size = listener.recv(&mut buffer).unwrap();
        match decoder::decode_udp(&buffer[..size]).unwrap().1 {
            OscPacket::Bundle(bundle) => format!("{:?}", bundle.content),
            OscPacket::Message(message) => format!("{message:?}"),
        }
    };
    assert!(next().contains("\"red\""));
    desk.publish(|status| status.strength = 0.75);
    while !next().contains("Float(0.75)") {}
}
