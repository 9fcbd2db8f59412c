import ArgumentParser
import Glibc
import Lab
import Views

extension Replab {
  /// `replab replay FILE [FILTER]`: steps through a recorded transcript.
  struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Steps through a recorded transcript, with the verbs and views of the lab.",
      usage: "replab replay <file> [<filter> ...] [--to <n|end>] [<options>]",
      discussion: """
        FILE is what tcpdump wrote or printed; FILTER is what tcpdump takes. On a terminal it opens a prompt, \
        else it runs standard input as a script. With --to it prints the steps up to a moment, and no prompt:

          $ replab replay sync.pcap 'port 7000'
          $ replab replay sync.pcap --view fields --to end

        Exit status: 0 all well, 2 wrong usage, 3 a file that cannot be read to its end (all that could be read \
        is shown first), 130 interrupted.
        """)

    @Argument(help: "The transcript.") var file: String
    @Argument(help: "Which of its packets, as tcpdump takes it: 'port 7000'.") var filter: [String] = []
    @Option(help: ArgumentHelp("Prints the steps up to this moment, a number or `end`.", valueName: "n|end"))
    var to: String?
    @OptionGroup var options: Options
    @ParentCommand var parent: Replab

    func run() throws {
      let onTerminal = isatty(STDIN_FILENO) == 1 && to == nil
      let filter = filter.joined(separator: " ")
      let end = try to.map(Self.moment)
      try MainActor.assumeIsolated {
        var session = try Session(options.over(parent.options), forPrompt: onTerminal)
        let recording = try opened(filter.isEmpty ? nil : filter)
        if let end { return try session.print(recording, to: end) }
        try session.open(recording)
        if onTerminal { Prompt.run(&session) } else { try Script(standardInput: ()).run(in: &session) }
      }
    }

    private func opened(_ filter: String?) throws(Complaint) -> PacketSource {
      do throws(Complaint) { return try RecordingFile.open(file, filter: filter) } catch {
        var complaint = error
        if access(file, R_OK) == 0, complaint.kind == .input, let hint = Replab.hint(forFile: file, givenTo: "replay") {
          complaint.advice = hint
        }
        throw complaint
      }
    }

    /// The number of a moment; the largest number for the end.
    private static func moment(_ text: String) throws(Complaint) -> Int {
      if text == "end" { return .max }
      guard let number = Int(text), number >= 0 else {
        throw .usage("--to: ‘\(text)’ is no moment", advice: "Write the number of a step, or `end`.")
      }
      return number
    }
  }
}

extension Session {
  /// Prints the steps of a recording up to a moment, each as it is read.
  mutating func print(_ recording: PacketSource, to end: Int) throws {
    try recording.requirePackets()
    timeline = Timeline(recording)
    while timeline.position < end {
      let before = momentBefore
      let run = timeline.stepAny(monitor)
      if run.to > run.from, let step = timeline.current, isWorthShowing(step) {
        show(shown(step), before: before, after: timeline.world)
      }
      switch run.stop {
      case .end(let fault?): throw unreadable(fault)
      case .interrupted: throw Complaint.interrupted
      case .done: continue
      default: return recording.tellPassedOver()
      }
    }
  }
}
