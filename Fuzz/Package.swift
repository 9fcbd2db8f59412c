// swift-tools-version: 6.2
import PackageDescription

// The decoders under libFuzzer: `make fuzz`. A package of its own because the decoders have to be built with the fuzzer's
// instrumentation, and without the rest: their folders are links to those of the project. It works in release only, and
// with lld.
let fuzzed: [SwiftSetting] = [.unsafeFlags(["-sanitize=fuzzer"])]

func fuzzer(_ name: String, of decoders: Target.Dependency...) -> Target {
  .executableTarget(
    name: name, dependencies: decoders + ["LibFuzzer"],
    swiftSettings: [.unsafeFlags(["-sanitize=fuzzer", "-parse-as-library"])],
    linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])])
}

let package = Package(
  name: "Fuzz",
  targets: [
    .target(name: "Capture", swiftSettings: fuzzed),
    .target(name: "RDB", swiftSettings: fuzzed),
    .target(name: "RESP", swiftSettings: fuzzed),
    .target(name: "Dissection", dependencies: ["RESP", "RDB", "Capture"], swiftSettings: fuzzed),
    .target(name: "LibFuzzer"),
    fuzzer("FuzzCapture", of: "Capture"),
    fuzzer("FuzzDissection", of: "Dissection", "Capture"),
    fuzzer("FuzzRDB", of: "RDB"),
    fuzzer("FuzzRestoration", of: "Dissection", "Capture"),
    fuzzer("FuzzRESP", of: "RESP"),
  ],
  swiftLanguageModes: [.v6]
)
