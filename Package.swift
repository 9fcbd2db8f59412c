// swift-tools-version: 6.2
import PackageDescription

/// What every target is built with: warnings are errors.
let common: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// The core targets read bytes from strangers, so each unsafe construct in them has to say so.
let strict = common + [.strictMemorySafety()]

/// The page: its frame, its style, and its scripts in the order in which they are loaded.
let pageFiles = [
  "page.html", "page.css", "dom.js", "source.js", "places.js", "topology.js", "sequence.js", "bytes.js", "timeline.js",
  "why.js",
  "prompt.js", "lesson.js", "page.js",
]

let package = Package(
  name: "replab",
  products: [.executable(name: "replab", targets: ["replab"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
  ],
  targets: [
    // The formats: they import nothing of ours.
    .target(name: "RESP", swiftSettings: strict),
    .target(name: "RDB", swiftSettings: strict),
    .target(name: "Capture", dependencies: ["RESP"], swiftSettings: strict),

    // What a text hides, found again from what it shows.
    .target(name: "Restoration", dependencies: ["RDB", "Capture"], swiftSettings: strict),

    // Recorded files, which need C libraries.
    .systemLibrary(name: "CPcap", providers: [.apt(["libpcap-dev"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(
      name: "CaptureFiles", dependencies: ["Capture", "Restoration", "CPcap", "CZlib"], swiftSettings: common),

    // What the bytes of a connection mean.
    .target(
      name: "Dissection",
      dependencies: [
        "RESP", "RDB", "Capture",
        .product(name: "HashTreeCollections", package: "swift-collections"),
      ],
      swiftSettings: strict),

    // Lua, for scripts.
    .target(name: "CLua", linkerSettings: [.linkedLibrary("lua5.1")]),
    .target(name: "Lua", dependencies: ["CLua"], swiftSettings: common),

    // The node, and the world that runs nodes.
    .target(
      name: "Redis",
      dependencies: [
        "Lua", "RESP", "RDB",
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "OrderedCollections", package: "swift-collections"),
      ],
      swiftSettings: strict),
    .target(
      name: "Lab",
      dependencies: [
        "Redis", "Capture", "Dissection", "RESP",
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "HashTreeCollections", package: "swift-collections"),
        .product(name: "HeapModule", package: "swift-collections"),
        .product(name: "OrderedCollections", package: "swift-collections"),
      ],
      swiftSettings: strict),
    .target(name: "Views", dependencies: ["Lab", "Dissection", "Capture", "Redis", "RESP"], swiftSettings: strict),

    // The picture in a browser: what a page is told of a session, and the page itself, which is a part of the program.
    .target(
      name: "WebPage", dependencies: ["Views", "Lab", "Dissection", "Capture", "Redis", "RESP"],
      resources: pageFiles.map { .embedInCode("Assets/\($0)") }, swiftSettings: strict),
    .target(
      name: "Web",
      dependencies: [
        .product(name: "FlyingFox", package: "FlyingFox"), .product(name: "FlyingSocks", package: "FlyingFox"),
      ],
      swiftSettings: common),

    // Lesson files: parsed, run, checked, asked.
    .target(name: "Lessons", dependencies: ["Lab", "Views", "Redis", "RESP"], swiftSettings: strict),

    // Two transcripts, or a recording and what a node says in place of the recorded one: the same but for chance?
    .target(
      name: "Comparison", dependencies: ["Redis", "Dissection", "Capture", "RDB", "RESP"], swiftSettings: strict),

    // The program.
    .systemLibrary(name: "CReadline", providers: [.apt(["libreadline-dev"])]),
    .target(name: "LineEdit", dependencies: ["CReadline"], swiftSettings: common),
    .executableTarget(
      name: "replab",
      dependencies: [
        "Lessons", "Against", "Comparison", "RealRedis", "WebPage", "Web", "Views", "Lab", "Dissection", "Capture",
        "CaptureFiles", "RDB", "Redis", "RESP", "LineEdit",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: common),

    // Real redis-servers: the oracle of the tests, and of lessons.
    .target(name: "RealRedis", dependencies: ["RESP"], swiftSettings: common),
    .target(
      name: "Against", dependencies: ["Comparison", "Lab", "Dissection", "Redis", "RDB", "RESP", "RealRedis"],
      swiftSettings: common),

    // Random situations, played in the lab and to real servers: `make soak`, and a few of them in the tests.
    .target(name: "CNamespaces"),
    .target(
      name: "Soak",
      dependencies: [
        "Comparison", "Lab", "Dissection", "Redis", "Capture", "CaptureFiles", "RealRedis", "CNamespaces",
      ], swiftSettings: common),
    .executableTarget(
      name: "replab-soak", dependencies: ["Soak", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      path: "Sources/SoakProgram", swiftSettings: common),

    // `make bench`: nothing depends on it, so it is built only where it is asked for.
    .executableTarget(
      name: "replab-bench",
      dependencies: [
        "RESP", "RDB", "Capture", "CaptureFiles", "Dissection", "Redis", "Lab", "RealRedis",
        .product(name: "HashTreeCollections", package: "swift-collections"),
      ], path: "Sources/Benchmarks",
      swiftSettings: common),

    // Input that nobody means well, for the tests and for the fuzzers.
    .target(name: "Hostile", path: "Tests/Hostile", swiftSettings: common),
    .target(name: "TestSupport", path: "Tests/Support", swiftSettings: common),
    .testTarget(name: "RESPTests", dependencies: ["RESP", "RealRedis", "TestSupport"], swiftSettings: common),
    .testTarget(
      name: "RDBTests", dependencies: ["RDB", "Capture", "RealRedis", "TestSupport"], exclude: ["Fixtures"],
      swiftSettings: common),
    .testTarget(name: "CaptureTests", dependencies: ["Capture", "RealRedis", "TestSupport"], swiftSettings: common),
    .testTarget(
      name: "RestorationTests", dependencies: ["Restoration", "Capture", "RDB", "TestSupport"], swiftSettings: common),
    .testTarget(
      name: "CaptureFilesTests", dependencies: ["CaptureFiles", "Capture", "RealRedis", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "DissectionTests", dependencies: ["Dissection", "Capture", "RDB", "RESP", "RealRedis", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "RedisTests", dependencies: ["Redis", "RESP", "RDB", "Capture", "RealRedis", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "ComparisonTests",
      dependencies: ["Comparison", "CaptureFiles", "Capture", "Dissection", "Lab", "Redis", "RESP", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "LabTests", dependencies: ["Lab", "Dissection", "Capture", "TestSupport"], swiftSettings: common),
    .testTarget(
      name: "ViewsTests", dependencies: ["Views", "RESP", "RealRedis", "TestSupport"], exclude: ["Transcripts"],
      swiftSettings: common),
    .testTarget(name: "LessonsTests", dependencies: ["Lessons", "Lab", "Views"], swiftSettings: common),
    .testTarget(
      name: "ReplabTests",
      dependencies: [
        "replab", "Hostile", "Lessons", "LineEdit", "Lab", "Views", "Dissection", "Capture", "RDB", "Redis", "RESP",
        "RealRedis", "TestSupport",
      ],
      exclude: ["Replays"], swiftSettings: common),
    .testTarget(
      name: "OracleTests",
      dependencies: [
        "Against", "Soak", "replab-soak", "Comparison", "Dissection", "RealRedis", "Lab", "Redis", "RESP", "Capture",
        "CaptureFiles",
        "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: common),
  ],
  swiftLanguageModes: [.v6]
)
