import Testing

/// One full sync and what surrounds it, told once and run twice: by real redis-servers and in the lab.
struct Scenario: Sendable, CustomTestStringConvertible {
  var name: String
  /// Directives of the master and of its replica, as on a command line.
  var master: [String] = []
  var replica: [String] = []
  /// Commands to the master before there is a replica, while the transfer is under way, and after it.
  var before: [[String]] = []
  var during: [[String]] = []
  var after: [[String]] = []

  var testDescription: String { name }

  static let all: [Scenario] = [
    Scenario(name: "an empty master, diskless", after: [["SET", "qq", "ww"]]),
    Scenario(name: "an empty master, from disk", master: fromDisk, after: [["SET", "qq", "ww"]]),
    Scenario(name: "three keys, diskless", before: threeKeys, after: [["SET", "qq", "ww"]]),
    Scenario(name: "three keys, from disk", master: fromDisk, before: threeKeys, after: [["SET", "qq", "ww"]]),
    Scenario(
      name: "three keys, loaded from the socket", replica: ["--repl-diskless-load", "on-empty-db"], before: threeKeys,
      after: [["SET", "qq", "ww"]]),
    Scenario(
      name: "three keys, loaded beside the old data", replica: ["--repl-diskless-load", "swapdb"], before: threeKeys,
      after: [["SET", "qq", "ww"]]),
    Scenario(
      name: "several databases", before: severalDatabases,
      after: [["SET", "a", "1"], ["SWAPDB", "0", "3"], ["FLUSHDB"], ["SET", "b", "2"], ["FLUSHALL"]]),
    Scenario(
      name: "several databases, from disk", master: fromDisk, before: severalDatabases, after: [["DEL", "k0", "k1"]]),
    Scenario(
      name: "expiries",
      before: [
        ["SET", "soon", "x", "PXAT", "99999999999999"], ["SET", "plain", "y"], ["SET", "later", "z"],
        ["PEXPIREAT", "later", "98765432109876"],
      ],
      after: [["SET", "e", "1", "PXAT", "98765432100000"], ["PERSIST", "e"], ["EXPIREAT", "e", "99999999999"]]),
    Scenario(name: "strings of every form", before: everyForm, after: [["APPEND", "raw", "!"]]),
    Scenario(name: "strings of every form, from disk", master: fromDisk, before: everyForm),
    Scenario(
      name: "strings that are not compressed", master: ["--rdbcompression", "no"], before: everyForm),
    Scenario(
      name: "snapshots without a checksum", master: ["--rdbchecksum", "no"], before: threeKeys),
    Scenario(
      name: "writes during the sync, diskless", before: threeKeys,
      during: [["SET", "late", "1"], ["SET", "titi", "changed"], ["DEL", "toto"]], after: [["SET", "qq", "ww"]]),
    Scenario(
      name: "writes during the sync, from disk", master: fromDisk, before: threeKeys,
      during: [["SET", "late", "1"], ["INCR", "n"], ["INCR", "n"]], after: [["SET", "qq", "ww"]]),
    Scenario(
      name: "more than one chunk, diskless",
      before: (0..<600).map { ["SET", "key:\($0)", noise(of: 120, seed: $0)] }, after: [["SET", "qq", "ww"]]),
    Scenario(
      name: "more than one chunk, from disk", master: fromDisk,
      before: (0..<600).map { ["SET", "key:\($0)", noise(of: 120, seed: $0)] }, after: [["SET", "qq", "ww"]]),
    Scenario(
      name: "what is propagated is not what was said", before: threeKeys,
      after: [
        ["GETSET", "titi", "a"], ["GETDEL", "titi"], ["INCRBYFLOAT", "f", "1.5"], ["SETNX", "titi", "b"],
        ["SETNX", "titi", "c"], ["MSET", "m1", "1", "m2", "2"], ["DEL", "nothing"], ["EXPIRE", "m1", "-1"],
        ["GETEX", "m2", "PXAT", "99999999999999"], ["GETEX", "m2", "PERSIST"], ["RENAME", "m2", "m3"],
        ["UNLINK", "m3"],
        ["SETRANGE", "r", "3", "x"], ["COPY", "r", "s"], ["MOVE", "s", "5"],
      ]),
  ]

  /// Lets DEBUG DIGEST be asked for, which 7.0 refuses by default.
  static let debug = ["--enable-debug-command", "yes"]
  static let fromDisk = ["--repl-diskless-sync", "no"]
  static let threeKeys = [["SET", "xx", "yy"], ["SET", "titi", "toto"], ["SET", "toto", "tutu"]]
  static let severalDatabases = [
    ["SET", "k0", "zero"], ["SELECT", "3"], ["SET", "k3", "three"], ["SET", "k4", "four"], ["SELECT", "9"],
    ["SET", "k9", "nine"], ["SELECT", "0"], ["SET", "k1", "one"],
  ]
  static let everyForm =
    ["0", "-1", "127", "128", "-129", "32767", "32768", "-2147483648", "2147483648", "00", "1.0", "+1"]
    .map { ["SET", "n\($0)", $0] }
    + [
      ["SET", "raw", "abc"], ["SET", "empty", ""], ["SET", "63", noise(of: 63, seed: 1)],
      ["SET", "64", noise(of: 64, seed: 2)], ["SET", "16383", noise(of: 16383, seed: 3)],
      ["SET", "16384", noise(of: 16384, seed: 4)], ["SET", "lzf", String(repeating: "abcdefgh", count: 50)],
      ["SET", "run", String(repeating: "a", count: 5000)], ["SET", "prose", String(repeating: prose, count: 3)],
      ["SET", "binary", "\u{0}\r\n\u{7f}$9\r\n*1\r\n"], ["SET", "12345", "1"],
    ]
  static let prose = "Redis replicas ping the master every second, acknowledging the replication stream processed. "

  /// Text that does not compress, the same every time.
  static func noise(of length: Int, seed: Int) -> String {
    var state = UInt64(truncatingIfNeeded: seed &+ 1) &* 0x9e37_79b9_7f4a_7c15
    let letters = (0..<length).map { _ -> UInt8 in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(33 + (state >> 33) % 90)
    }
    return String(decoding: letters, as: UTF8.self)
  }
}
