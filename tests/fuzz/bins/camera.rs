#![no_main]
// The library catches panics of decoders itself; libFuzzer's hook would end the process at each.
libfuzzer_sys::fuzz_target!(
    init: std::panic::set_hook(Box::new(|_| {})),
    |data: &[u8]| impasto_fuzz::run("camera", data)
);
