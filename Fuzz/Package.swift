// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that normal builds neither see the fuzzer nor carry its instrumentation. The modules are
// those of the house (links in Sources), built with AddressSanitizer and with the coverage counters that guide
// libFuzzer. `Fuzz/run` gives the flags that SwiftPM cannot say here.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
]

let dcmtk: [LinkerSetting] = [
    "dcmjpeg", "ijg8", "ijg12", "ijg16", "dcmimgle", "dcmdata", "oflog", "ofstd", "z",
].map { .linkedLibrary($0) }

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
    name: "fuzz",
    dependencies: [.package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2")],
    targets: [
        .systemLibrary(name: "CCharLS", pkgConfig: "charls", providers: [.apt(["libcharls-dev"])]),
        .target(name: "COpenJPEG", linkerSettings: [.linkedLibrary("openjp2")]),
        .target(name: "CDCMTK", linkerSettings: dcmtk),
        .target(name: "CFuzzer"),
        module("CanonicalJSON"),
        module("Philox"),
        module("Imaging", ["CanonicalJSON", "Philox"]),
        module("DICOM", ["Imaging", "CanonicalJSON", "CDCMTK", "CCharLS", "COpenJPEG", crypto]),
        .executableTarget(
            name: "fuzz-dicom", dependencies: ["DICOM", "Imaging", "CanonicalJSON", "CFuzzer"],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
