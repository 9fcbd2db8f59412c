import ArgumentParser
import Capture
import CaptureFiles
import Glibc
import Lab
import LineEdit
import RESP
import Views

extension Replab {
  /// `replab spy IFACE FILTER…`: what tcpdump would see, dissected as it happens.
  struct Spy: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Watches an interface, and dissects what crosses it as it happens.",
      usage: "replab spy <interface> [<filter> ...] [<options>]",
      discussion: """
        IFACE is the interface, FILTER what tcpdump takes. Ctrl-C ends it; on a terminal, what was seen is then there \
        to be stepped through.

          $ sudo replab spy lo port 7000
          $ sudo replab spy lo port 7000 --view tcpdump

        It needs the right to capture: root's, or CAP_NET_RAW.
        """)

    @Argument(help: "The interface: lo, eth0, any.") var interface: String
    @Argument(help: "Which packets, as tcpdump takes it: port 7000.") var filter: [String] = []
    @Option(help: ArgumentHelp("Ends by itself after so many packets.", valueName: "n")) var count: Int?
    @OptionGroup var options: Options
    @ParentCommand var parent: Replab

    func run() throws {
      if let count, count < 1 {
        throw Complaint.usage("--count: ‘\(count)’ is no number of packets", advice: "Write 1 or more.")
      }
      let onTerminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
      let file = try TemporaryFile()
      try MainActor.assumeIsolated {
        var session = try Session(options.over(parent.options), forPrompt: onTerminal)
        let seen: Int
        do throws(RecordingError) {
          let capture = try LiveCapture(
            interface: interface, filter: filter.joined(separator: " "), path: file.path)
          session.errors.write("spying on \(interface); Ctrl-C ends it\n")
          seen = session.spy(capture, atMost: count ?? .max)
        } catch {
          throw Complaint(error, spying: [interface] + filter)
        }
        guard onTerminal else { return }
        guard seen > 0 else { return session.errors.write("\nno packet was seen\n") }
        session.output.write("\n")
        try session.open(RecordingFile.open(file.path, filter: nil, name: "what crossed \(interface)"))
        Prompt.run(&session)
      }
    }
  }
}

extension Session {
  /// Shows the packets as they come, until Ctrl-C or until there are so many; how many there were.
  fileprivate mutating func spy(_ capture: LiveCapture, atMost limit: Int) -> Int {
    let live = LivePackets(capture, limit)
    // Who takes part shows only as it happens: there is nothing to look ahead at.
    timeline = Timeline(PacketSource(name: "", isLive: true) { _ in { live.next() } })
    while true {
      let before = momentBefore
      let run = timeline.stepAny()
      guard run.to > run.from, let step = timeline.current else { break }
      if isWorthShowing(step) { show(shown(step), before: before, after: timeline.world) }
    }
    capture.flush()
    if let fault = live.fault { show(Complaint(fault)) }
    if capture.lostCount > 0 { errors.write("\(capture.lostCount) packets came too fast and were lost\n") }
    return live.count
  }
}

/// The packets of a capture that goes on. (Unchecked: the program has one thread.)
private final class LivePackets: @unchecked Sendable {
  /// The file that keeps them may not fill the disk.
  private static let byteLimit = 1 << 30

  private let capture: LiveCapture
  private let limit: Int
  private(set) var count = 0
  private(set) var fault: RecordingError?

  init(_ capture: LiveCapture, _ limit: Int) {
    self.capture = capture
    self.limit = limit
  }

  /// The next one, as soon as it is there; nil when the user wants no more, or there may be no more.
  func next() -> Packet? {
    while count < limit, !Interrupt.requested, capture.byteCount < Self.byteLimit {
      do throws(RecordingError) {
        guard let frame = try capture.next(), let packet = try? Packet(frame) else { continue }
        count += 1
        return packet
      } catch {
        fault = error
        return nil
      }
    }
    return nil
  }
}

/// A file that is gone when nobody uses it any more, and that only its owner may read.
private final class TemporaryFile {
  let path: String

  init() throws(Complaint) {
    var template = Array(((environment("TMPDIR") ?? "/tmp") + "/replab-spy-XXXXXX").utf8CString)
    let descriptor = mkstemp(&template)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard descriptor >= 0 else { throw .input("cannot make \(path): \(String(cString: strerror(errno)))") }
    close(descriptor)
  }

  deinit { unlink(path) }
}

extension Complaint {
  /// Why nothing can be captured; without the right to, how to get it.
  fileprivate init(_ error: RecordingError, spying words: [String]) {
    self.init(error)
    guard error.kind == .rights else { return }
    var path = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &path, path.count - 1)
    let program = count > 0 ? String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : "replab"
    let command = words.map { InlineCommand.word($0.utf8) }.joined(separator: " ")
    advice =
      "As root: sudo \(program) spy \(command) – or give the program the right, once: "
      + "sudo setcap cap_net_raw+ep \(program)"
  }
}
