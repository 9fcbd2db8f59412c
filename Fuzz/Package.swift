// swift-tools-version: 6.2
import PackageDescription

// The program under libFuzzer: `make fuzz`. A package of its own because what is fuzzed has to be built with the fuzzer's
// instrumentation: its folders are links to those of the project. It works in release only, and with lld.
let fuzzed: [SwiftSetting] = [.unsafeFlags(["-sanitize=fuzzer"])]

/// The fuzzers of the program read what is internal to it, and its `main` must leave theirs alone.
let program: [SwiftSetting] = [
  .unsafeFlags([
    "-sanitize=fuzzer", "-enable-testing", "-parse-as-library", "-Xfrontend", "-entry-point-function-name",
    "-Xfrontend",
    "replab_main",
  ])
]

let parser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let trees = Target.Dependency.product(name: "HashTreeCollections", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let ordered = Target.Dependency.product(name: "OrderedCollections", package: "swift-collections")

let fox = Target.Dependency.product(name: "FlyingFox", package: "FlyingFox")
let sockets = Target.Dependency.product(name: "FlyingSocks", package: "FlyingFox")

/// The page's files, as in the project's own package.
let pageFiles = [
  "page.html", "page.css", "dom.js", "source.js", "places.js", "topology.js", "sequence.js", "bytes.js", "timeline.js",
  "why.js", "prompt.js", "lesson.js", "page.js",
]

func fuzzer(_ name: String, of decoders: Target.Dependency...) -> Target {
  .executableTarget(
    name: name, dependencies: decoders + ["LibFuzzer"],
    swiftSettings: [.unsafeFlags(["-sanitize=fuzzer", "-parse-as-library"])],
    linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])])
}

let package = Package(
  name: "Fuzz",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
  ],
  targets: [
    .target(name: "RESP", swiftSettings: fuzzed),
    .target(name: "RDB", swiftSettings: fuzzed),
    .target(name: "Capture", dependencies: ["RESP"], swiftSettings: fuzzed),
    .target(name: "Restoration", dependencies: ["RDB", "Capture"], swiftSettings: fuzzed),
    .target(name: "Dissection", dependencies: ["RESP", "RDB", "Capture", trees], swiftSettings: fuzzed),

    .systemLibrary(name: "CPcap"),
    .systemLibrary(name: "CZlib"),
    .systemLibrary(name: "CReadline"),
    .target(
      name: "CaptureFiles", dependencies: ["Capture", "Restoration", "CPcap", "CZlib"], swiftSettings: fuzzed),
    .target(name: "CLua", linkerSettings: [.linkedLibrary("lua5.1")]),
    .target(name: "Lua", dependencies: ["CLua"], swiftSettings: fuzzed),
    .target(name: "Redis", dependencies: ["Lua", "RESP", "RDB", deque, ordered], swiftSettings: fuzzed),
    .target(
      name: "Lab", dependencies: ["Redis", "Capture", "Dissection", "RESP", deque, trees, heap, ordered],
      swiftSettings: fuzzed),
    .target(name: "Views", dependencies: ["Lab", "Dissection", "Capture", "Redis", "RESP"], swiftSettings: fuzzed),
    .target(
      name: "WebPage", dependencies: ["Views", "Lab", "Dissection", "Capture", "Redis", "RESP"],
      resources: pageFiles.map { .embedInCode("Assets/\($0)") }, swiftSettings: fuzzed),
    .target(name: "Web", dependencies: [fox, sockets]),
    .target(name: "Lessons", dependencies: ["Lab", "Views", "Redis", "RESP"], swiftSettings: fuzzed),
    .target(
      name: "Comparison", dependencies: ["Redis", "Dissection", "Capture", "RDB", "RESP"],
      swiftSettings: fuzzed),
    .target(name: "LineEdit", dependencies: ["CReadline"]),
    .target(name: "RealRedis", dependencies: ["RESP"]),
    .target(
      name: "Against", dependencies: ["Comparison", "Lab", "Dissection", "Redis", "RDB", "RealRedis"],
      swiftSettings: fuzzed),
    .target(
      name: "replab",
      dependencies: [
        "Lessons", "Against", "Comparison", "RealRedis", "WebPage", "Web", "Views", "Lab", "Dissection", "Capture",
        "CaptureFiles", "RDB", "Redis", "RESP", "LineEdit", parser,
      ], swiftSettings: program),

    .target(name: "Hostile"),
    .target(name: "LibFuzzer"),
    fuzzer("FuzzCapture", of: "Capture"),
    fuzzer("FuzzDissection", of: "Dissection", "Capture"),
    fuzzer("FuzzRDB", of: "RDB"),
    fuzzer("FuzzReplab", of: "replab", "Hostile", "LineEdit", "RDB", "RESP", "Redis"),
    fuzzer("FuzzRestoration", of: "Restoration", "Dissection", "Capture"),
    fuzzer("FuzzRESP", of: "RESP"),
  ],
  swiftLanguageModes: [.v6]
)
