// swift-tools-version: 6.2
import PackageDescription

/// One list for all our Swift targets.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),  // a dynamic call is visible where it is made
    .enableUpcomingFeature("InternalImportsByDefault"),  // no C module leaks through our API
    .enableUpcomingFeature("MemberImportVisibility"),  // a file imports what it uses
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // async calls stay on their caller's executor
    .strictMemorySafety(),  // every unsafe step says so
    .treatAllWarnings(as: .error),
]

// C++ exceptions of DCMTK end in the shim; the libraries are named one by one, since
// DCMTK's own pkg-config file asks for a library that Debian does not have.
let dcmtk: [LinkerSetting] = [
    "dcmjpeg", "ijg8", "ijg12", "ijg16", "dcmimgle", "dcmdata", "oflog", "ofstd", "z",
].map { .linkedLibrary($0) }

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncAlgorithms: Target.Dependency = .product(name: "AsyncAlgorithms", package: "swift-async-algorithms")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")

func module(_ name: String, _ dependencies: [Target.Dependency] = [], linker: [LinkerSetting] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings, linkerSettings: linker)
}

func system(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

let package = Package(
    name: "slicehouse",
    products: [
        .executable(name: "slicehouse", targets: ["slicehouse"]),
        // What the Python package loads; see Sources/BatchStreamABI/slicehouse_stream.h
        .library(name: "SlicehouseStream", type: .dynamic, targets: ["BatchStreamABI"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-async-algorithms", exact: "1.1.4"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        // C and C++ libraries
        system("CBlosc", pkgConfig: "blosc", apt: "libblosc-dev"),
        system("CCharLS", pkgConfig: "charls", apt: "libcharls-dev"),
        system("CLibPQ", pkgConfig: "libpq", apt: "libpq-dev"),
        system("CTurboJPEG", pkgConfig: "libturbojpeg", apt: "libturbojpeg0-dev"),
        system("COpenBLAS", pkgConfig: "openblas", apt: "libopenblas-dev"),
        system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
        .target(name: "CSlicehouseStream"),
        .target(name: "CFloatEnvironment", linkerSettings: [.linkedLibrary("m")]),
        .target(name: "CForkGate", linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(name: "CPNG", linkerSettings: [.linkedLibrary("png16")]),
        .target(name: "CFileSystem"),
        .target(name: "CGuardedCopy"),
        .target(name: "COpenJPEG", linkerSettings: [.linkedLibrary("openjp2")]),
        .target(name: "CDCMTK", linkerSettings: dcmtk),

        // Pure
        module("CanonicalJSON"),
        module("Philox"),
        module("Imaging", ["CanonicalJSON", "Philox"]),
        module("Domains", ["CanonicalJSON"]),
        module("SQLInterface"),

        // Wrappers and file formats
        module("ImageFiles", ["Imaging", "CPNG", "CTurboJPEG", "CZlib"]),
        module("PixelCodec", ["Imaging", "ImageFiles", "CBlosc", crypto]),
        module("DICOM", ["Imaging", "CanonicalJSON", "CDCMTK", "CCharLS", "COpenJPEG", crypto]),
        module("Tables", ["Yams"]),
        module("LinearAlgebra", ["COpenBLAS", "Philox"]),
        module("PostgreSQL", ["SQLInterface", "CLibPQ"]),
        module("SQLite", ["SQLInterface", grdb, .product(name: "GRDBSQLite", package: "GRDB.swift")]),

        // The house
        module(
            "BatchStream",
            [
                "Imaging", "PixelCodec", "PostgreSQL", "SQLInterface", "CanonicalJSON", "Philox", "CForkGate",
                "CFloatEnvironment", "CFileSystem", "CGuardedCopy",
                .product(name: "GRDBSQLite", package: "GRDB.swift"), crypto,
            ]),
        module("BatchStreamABI", ["BatchStream", "CSlicehouseStream", "Imaging", "CanonicalJSON", "SQLInterface"]),
        module("Warehouse", ["SQLInterface", "PostgreSQL", "SQLite", crypto]),
        module(
            "Catalogue",
            [
                "Warehouse", "SQLInterface", "PixelCodec", "Imaging", "ImageFiles", "CanonicalJSON", "Tables",
                "CFileSystem",
            ]),
        module(
            "Analysis",
            [
                "Catalogue", "Warehouse", "SQLInterface", "LinearAlgebra", "DICOM", "ImageFiles", "Imaging",
                "CanonicalJSON", crypto,
            ]),
        module(
            "Training",
            [
                "Catalogue", "Warehouse", "SQLInterface", "PixelCodec", "ImageFiles", "Imaging", "Tables",
                "CanonicalJSON", crypto,
            ]),
        module("Phantom", ["Imaging", "ImageFiles", "DICOM", crypto]),
        module("Datasets", ["Imaging", "DICOM", "ImageFiles", "Tables", "Domains"]),
        module(
            "Ingestion",
            [
                "Datasets", "Catalogue", "Warehouse", "SQLite", "SQLInterface", "PixelCodec", "Imaging", "DICOM",
                "ImageFiles",
                "Tables", "Domains", "CanonicalJSON", crypto, asyncAlgorithms,
            ]),
        .executableTarget(
            name: "slicehouse",
            dependencies: [
                "Ingestion", "Datasets", "Warehouse", "SQLInterface", "Phantom", "PixelCodec", "Imaging",
                "ImageFiles", "DICOM", "CanonicalJSON", "Catalogue", "Tables", "Domains", "Analysis", "LinearAlgebra",
                "Training", argumentParser,
            ],
            swiftSettings: settings),

        // What several test targets share: temporary folders, cohorts, warehouses of both engines, the built program
        .target(
            name: "TestSupport", dependencies: ["CanonicalJSON", "Phantom", "SQLInterface", "Warehouse"],
            path: "Tests/TestSupport", swiftSettings: settings),

        // Whole runs on both engines, by the library and by the built program
        tests(
            "IntegrationTests",
            [
                "TestSupport", "Ingestion", "Datasets", "Catalogue", "Phantom", "Warehouse", "SQLInterface", "DICOM",
                "Imaging", "ImageFiles", "LinearAlgebra", "CanonicalJSON", "Training", "slicehouse",
            ]),
        tests("CommandLineTests", ["TestSupport", "Warehouse", "SQLInterface", "slicehouse"], exclude: ["Golden"]),

        // Times the DICOM reader for Benchmarks/decode.py; here, since `package` symbols stop at the package's border
        .executableTarget(
            name: "DecodeBenchmark", dependencies: ["DICOM", "Imaging"], path: "Benchmarks/DecodeBenchmark",
            swiftSettings: settings),

        // Documents name only what exists, and the generated ones are today's
        tests(
            "DocumentationTests",
            [
                "TestSupport", "BatchStream", "Ingestion", "Training", "Warehouse", "SQLInterface", "Imaging",
                "PixelCodec",
                "slicehouse",
            ]),

        // Tests mirror the sources one to one
        tests("LinearAlgebraTests", ["LinearAlgebra", "TestSupport"]),
        tests("PhiloxTests", ["Philox"]),
        tests("BatchStreamTests", ["BatchStream", "Warehouse"]),
        tests("AnalysisTests", ["Analysis", "LinearAlgebra", "Imaging", "TestSupport"]),
        tests("TrainingTests", ["Training", "Imaging", "Warehouse", "CanonicalJSON", "TestSupport"]),
        tests("ImagingTests", ["Imaging", "CanonicalJSON"]),
        tests("PixelCodecTests", ["PixelCodec", "Imaging", "ImageFiles"]),
        tests("DICOMTests", ["DICOM", "Imaging", "CDCMTK", "TestSupport"]),
        tests("ImageFilesTests", ["ImageFiles", "Imaging"]),
        tests("TablesTests", ["Tables"]),
        tests("DomainsTests", ["Domains", "Tables", "Yams"]),
        tests("PostgreSQLTests", ["PostgreSQL", "SQLInterface"]),
        tests("SQLiteTests", ["SQLite", "SQLInterface"]),
        tests("WarehouseTests", ["Warehouse", "SQLInterface"]),
        tests("PhantomTests", ["Phantom", "DICOM", "ImageFiles", "Imaging"]),
        tests("CanonicalJSONTests", ["CanonicalJSON"]),
        tests("SQLInterfaceTests", ["SQLInterface"]),
        tests("DatasetsTests", ["Datasets", "Domains", "Tables"]),
        tests("IngestionTests", ["Ingestion", "Datasets", "ImageFiles", "Imaging"]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
