#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = simgan::fuzzing::parse("mat", bytes);
});
