import ArgumentParser
import CaptureFiles
import Comparison
import LineEdit

extension Replab {
  /// `replab compare A B [FILTER]` and `replab compare FILE [FILTER] --against lab`.
  struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compares two recorded transcripts, or one with what the lab says in its place.",
      usage: "replab compare <first> [<rest> ...] [<options>]",
      discussion: """
        Connections are compared message by message. What two runs of the same may differ in is no difference, but it is \
        counted: replication ids, marks, where offsets start, times, ports, the number of pings and acknowledgements, the \
        order of keys in a snapshot, how a payload was cut, and how often a replica tried again. The first real difference \
        is shown as both sides have it.

          $ replab compare monday.pcap tuesday.pcap 'port 7000'
          $ replab compare sync.pcap --against lab

        With --against lab, each node of the recording is rebuilt in the lab from what the recording tells of it, hears \
        what the recorded one heard, and has to say what that one said.

        Exit status: 0 the same, 1 a difference, 2 wrong usage, 3 unreadable or malformed input, 130 interrupted.
        """)

    @Argument(help: "The transcript; - is standard input.") var first: String
    @Argument(help: "The one to compare it with, then a filter, as tcpdump takes it: 'port 7000'.")
    var rest: [String] = []
    @Option(help: ArgumentHelp("What to compare one transcript with: lab.", valueName: "lab")) var against: String?
    @Flag(help: "Show every difference, not only the first.") var all = false
    @OptionGroup var options: Options

    func run() throws {
      let report = ComparisonReport(options, showsAll: all)
      let isSame = try against == nil ? compareTranscripts(report) : compareWithLab(report)
      if !isSame { throw ExitCode(Complaint.Kind.expectation.exitStatus) }
    }

    private func compareTranscripts(_ report: ComparisonReport) throws(Complaint) -> Bool {
      guard let second = rest.first else {
        throw .usage("compare with what?", advice: "Name a second transcript, or say --against lab.")
      }
      guard first != "-" || second != "-" else { throw .usage("standard input can be read only once") }
      let filter = try onlyFilter(rest.dropFirst())
      var faults: [Complaint] = []
      let (mine, theirs) = (try read(first, filter, &faults), try read(second, filter, &faults))
      for (input, transcript) in [(first, mine), (second, theirs)] where transcript.messageCount == 0 {
        throw faults.first
          ?? .input("\(input): nobody says anything in it", advice: filter.map { "Does the filter fit: \($0)?" })
      }
      let pair = ComparisonReport.Pair(first, mine, second, theirs)
      let isSame = report.tell(Comparison(mine, theirs, findsAll: all), pair)
      // What could be read is compared before a fault is told.
      if let fault = faults.first { throw fault }
      return isSame
    }

    private func compareWithLab(_ report: ComparisonReport) throws(Complaint) -> Bool {
      guard against == "lab" else {
        throw .usage("--against takes ‘lab’, not ‘\(against ?? "")’", advice: "Name a second transcript for two files.")
      }
      var faults: [Complaint] = []
      let transcript = try read(first, try onlyFilter(rest[...]), &faults, keepsEvents: true)
      guard transcript.messageCount > 0 else { throw faults.first ?? .input("\(first): nobody says anything in it") }
      var verdicts: [Bool] = []
      for node in transcript.recordedNodes {
        if Interrupt.requested { throw .interrupted }
        if let isSame = compare(node, in: transcript, report) { verdicts.append(isSame) }
      }
      if let fault = faults.first { throw fault }
      if verdicts.isEmpty { throw .input("\(first): none of its nodes can be rebuilt") }
      return verdicts.allSatisfy(\.self)
    }

    /// Nil if the node can't be rebuilt.
    private func compare(_ node: RecordedNode, in transcript: NormalizedTranscript, _ report: ComparisonReport) -> Bool?
    {
      let rebuilding: Rebuilding
      do throws(RecordedNode.Obstacle) {
        rebuilding = try Rebuilding(node, from: transcript)
      } catch {
        report.tell(error, of: node)
        return nil
      }
      let lab = rebuilding.transcript
      let comparison = Comparison(transcript, lab, findsAll: all, of: node.name, without: rebuilding.leftOut)
      if let obstacle = rebuilding.obstacle(after: comparison) {
        report.tell(obstacle, of: node)
        return nil
      }
      return report.tell(
        comparison, ComparisonReport.Pair(first, transcript, "the lab", lab, node: node), rebuilding.remarks)
    }

    private func onlyFilter(_ words: ArraySlice<String>) throws(Complaint) -> String? {
      guard words.count < 2 else {
        throw .usage("there is more than a filter: \(words.joined(separator: " "))", advice: "Put it into quotes.")
      }
      return words.first
    }

    /// What could be read of a transcript; a fault in it is added to `faults`.
    private func read(
      _ path: String, _ filter: String?, _ faults: inout [Complaint], keepsEvents: Bool = false
    ) throws(Complaint) -> NormalizedTranscript {
      var transcript = NormalizedTranscript()
      do throws(RecordingError) {
        let recording = try Recording(path: Belongings.file(path), filter: filter)
        transcript = NormalizedTranscript(keepsEvents: keepsEvents, hasMadeUpAddresses: recording.format == .arrows)
        var records = RestoredRecords(recording)
        while !Interrupt.requested, let record = try records.next() {
          guard let packet = record.packet else { continue }
          transcript.consume(packet, hasDots: packet.reading.map { $0.unknownCount > 0 } ?? false)
        }
      } catch {
        if error.kind == .filter { throw Complaint(error) }
        faults.append(Complaint(error))
      }
      if Interrupt.requested { throw .interrupted }
      transcript.end()
      return transcript
    }
  }
}
