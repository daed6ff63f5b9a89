internal import Glibc
internal import CFuzzer

// libFuzzer gives bytes; they are read as a DICOM file in every way that an ingest reads one. Nothing may crash,
// nothing may be out of bounds, and `Examination` holds what must be true of any bytes.
exit(
    unsafe fuzzer_run(CommandLine.argc, CommandLine.unsafeArgv) { bytes, count in
        Examination(unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))).run()
        return 0
    })
