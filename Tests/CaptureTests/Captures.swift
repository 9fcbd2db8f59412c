import Capture
import RealRedis
import TestSupport
import Testing

/// The recordings of a real Redis on a real loopback.
enum Captures {
  static let names = Fixtures.captures
  static func bytes(_ name: String) throws -> [UInt8] { try Fixtures.capture(name) }
  static func packets(_ name: String) throws -> [Packet] { try Pcap.packets(in: bytes(name)) }
}

/// What the real tcpdump prints of these packets.
func realTcpdump(_ packets: [Packet], _ options: [String], timeZone: String = "UTC0") throws -> String {
  try Tool.withFile(Pcap.file(packets)) { path in
    let output = try Tool.run("tcpdump", ["-nn"] + options + ["-r", path], environment: ["TZ": timeZone])
    return String(decoding: output, as: UTF8.self)
  }
}

/// What we print of them.
func ourTcpdump(_ packets: [Packet], _ contents: TcpdumpText.Contents, secondsFromUTC: Int = 0) -> String {
  var printer = TcpdumpText(contents, secondsFromUTC: secondsFromUTC)
  return packets.map { printer.text(of: $0) }.joined()
}

/// Expects two texts to be the same, and shows the first line in which they are not.
func expectSame(_ ours: String, _ theirs: String, sourceLocation: SourceLocation = #_sourceLocation) {
  let isSame = ours == theirs
  guard !isSame else { return }
  let ours = ours.split(separator: "\n", omittingEmptySubsequences: false)
  let theirs = theirs.split(separator: "\n", omittingEmptySubsequences: false)
  var index = 0
  while index < ours.count, index < theirs.count, ours[index] == theirs[index] { index += 1 }
  func line(_ lines: [Substring]) -> Substring { index < lines.count ? lines[index] : "(nothing)" }
  #expect(
    isSame, "line \(index + 1)\nours:   \(line(ours))\ntheirs: \(line(theirs))", sourceLocation: sourceLocation)
}
