import ArgumentParser
import Capture
import CaptureFiles
import Glibc
import Lab
import LineEdit
import Views
import Dissection

extension Replab {
  /// `replab convert IN [OUT [FILTER]] [--to FORMAT]`.
  struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Turns a recorded transcript, or a part of it, into another format.",
      usage: "replab convert <input> [<output>] [<expression> ...] [<options>]",
      discussion: """
        It reads capture files (pcap and pcapng), text that tcpdump printed (-A, -X, \
        -XX, -x) and arrows (>>> and <<<), plain or gzip-compressed; the content tells \
        which. It writes:

        \(TranscriptFormat.table(\.name))

          $ replab convert sync.pcap --to tcpdump
          $ replab convert sync.pcap sync.html 'port 7000'
          $ replab convert sync.pcap sync.svg --steps 20-60 --fold
          $ tcpdump -i lo -w - port 7000 | replab convert - sync.pcapng

        In the first four every byte is what it was; in the others, passwords are \
        stars. What could be read before an error is written. OUT must be a new file, \
        or an empty one, unless there is --force.

        Exit status: 0 all well, 2 wrong usage, 3 input that cannot be read to its \
        end, or output that cannot be written, 130 interrupted.
        """)

    @Argument(help: "The transcript; - is standard input.") var input: String
    @Argument(help: "The file to write, whose name tells the format; without it, or as -, standard output.")
    var output: String?
    @Argument(help: "Which packets, as tcpdump takes it: 'port 7000'.") var expression: [String] = []
    @Option(help: ArgumentHelp("The format to write.", valueName: "format")) var to: String?
    @Option(help: ArgumentHelp("Which packets, where no OUT stands before it.", valueName: "expression"))
    var filter: String?
    @Option(
      help: ArgumentHelp("Only these packets: 20-60, 20- or 20, numbered as in replay.", valueName: "from-to"))
    var steps: String?
    @Flag(help: "Make one line of all pings and acknowledgements in a row.") var fold = false
    @Flag(help: "Write over a file that is there already.") var force = false
    @OptionGroup var options: Options
    @ParentCommand var parent: Replab

    func run() throws {
      let format = try chosenFormat()
      if target == nil, format.isBinary, Output.standardOutput.isTerminal {
        throw Complaint.usage(
          "\(format.name) is not for a terminal", advice: "Name a file to write, or send the output to one with >.")
      }
      let filter = try chosenFilter()
      let part = ExportPart(steps: try chosenSteps(), folds: fold)
      switch format.form {
      case .frames(let form):
        guard !fold else {
          throw Complaint.usage("\(format.name) has every packet", advice: "--fold is for pictures and pages.")
        }
        try write(form, filter, part, isText: !format.isBinary)
      case .steps(let form):
        let title = TranscriptFormat.title(of: input)
        try write(form(.init(title: title, isRecording: true, isFolded: fold)), filter, part)
      }
      if Interrupt.requested { throw Complaint.interrupted }
    }

    private var target: String? { output == "-" ? nil : output }

    private func chosenFilter() throws(Complaint) -> String? {
      let words = expression.joined(separator: " ")
      if !words.isEmpty, filter != nil {
        throw .usage("there are two filters", advice: "Give it behind OUT, or with --filter.")
      }
      return words.isEmpty ? filter : words
    }

    private func chosenSteps() throws(Complaint) -> ClosedRange<Int>? {
      guard let steps else { return nil }
      guard let range = ExportPart.steps(steps) else {
        throw .usage("--steps: ‘\(steps)’ is no range", advice: "Write 20-60, 20- or 20; packets count from 1.")
      }
      return range
    }

    private func chosenFormat() throws(Complaint) -> TranscriptFormat {
      if let target, target.contains(" "), TranscriptFormat.forFile(target) == nil {
        throw .usage(
          "‘\(target)’ is in the place of the file to write, and looks like a filter",
          advice: "Write - before it for standard output, or give it with --filter.")
      }
      if let to {
        if let format = TranscriptFormat.named(to) { return format }
        let nearest = Suggestion.nearest(to: to, among: TranscriptFormat.all.map(\.name))
        throw .usage(
          "there is no format ‘\(to)’",
          advice: nearest.map { "Did you mean ‘\($0)’?" } ?? "The formats are \(TranscriptFormat.names).")
      }
      guard let target else {
        throw .usage(
          "which format shall it be?",
          advice: "Give --to with one of \(TranscriptFormat.names), or name a file to write.")
      }
      guard let format = TranscriptFormat.forFile(target) else {
        throw .usage("the name ‘\(target)’ tells no format", advice: "Give --to with one of \(TranscriptFormat.names).")
      }
      return format
    }
  }
}

// MARK: - Frame by frame

extension Replab.Convert {
  /// Writes all that can be read, also before an error.
  private func write(
    _ form: (TranscriptFormat.Origin) -> TranscriptFormat.FrameWriter, _ filter: String?, _ part: ExportPart,
    isText: Bool
  ) throws {
    let recording = try opened(filter)
    let writer = form(.init(linkType: recording.linkType, isNanoseconds: recording.isNanoseconds, isHere: true))
    let sink = try FileSink(target, input: input, isForced: force)
    try sink.write { $0 += writer.beginning }
    var records = RestoredRecords(recording)
    var hidden = HiddenBytes()
    var differences = TcpdumpDifferences()
    // A step of a recording is a packet; what else is in the file goes with the one before it.
    var number = 0
    do {
      while !Interrupt.requested, !sink.isUnwanted, let record = try records.next() {
        if record.packet != nil { number += 1 }
        guard part.contains(step: number) else {
          if let last = part.steps?.upperBound, number > last { break }
          continue
        }
        hidden.count(record.packet?.reading)
        if isText { differences.count(record) }
        try sink.write { writer.append(record.frame, &$0) }
      }
    } catch let error as RecordingError {
      try sink.flush()
      throw Complaint(error)
    }
    try sink.flush()
    for words in (hidden.words.map { [$0] } ?? []) + differences.sentences {
      Output.standardError.write("replab: \(input): \(words)\n")
    }
  }

  /// The bytes of payload that a text does not show.
  private struct HiddenBytes {
    private var settled = 0
    private var unknown = 0

    mutating func count(_ reading: PayloadReading?) {
      for mark in reading?.marks ?? [] {
        if mark.certainty == .unknown { unknown += mark.range.count } else { settled += mark.range.count }
      }
    }

    /// What became of them; nil where there are none.
    var words: String? {
      var parts: [String] = []
      if settled > 0 { parts.append("\(settled) follow from the format or a checksum, and are written") }
      if unknown > 0 { parts.append("\(unknown) are unknown, and stand as dots") }
      return parts.isEmpty ? nil : "of the bytes that this text hides, " + parts.joined(separator: "; ")
    }
  }

  private func opened(_ filter: String?) throws(Complaint) -> Recording {
    do throws(RecordingError) { return try Recording(path: Belongings.file(input), filter: filter) } catch {
      throw Complaint(error)
    }
  }
}

// MARK: - Step by step

extension Replab.Convert {
  private func write(_ writer: any StepsWriter, _ filter: String?, _ part: ExportPart) throws {
    var writer = writer
    let source =
      input == "-" ? try RecordingFile.standardInput(filter: filter) : try RecordingFile.open(input, filter: filter)
    try source.requirePackets()
    let sink = try FileSink(target, input: input, isForced: force)
    var timeline = Timeline(source)
    try sink.write(writer.beginning)
    let monitor = ProgressMonitor(shouldStop: { Interrupt.requested || sink.isUnwanted })
    var fault: LabError?
    let showsPasswords = options.over(parent.options).showPasswords
    while timeline.position < part.steps?.upperBound ?? .max {
      let before = timeline.world
      let run = timeline.stepAny(monitor)
      if run.to > run.from, part.contains(step: run.to), let step = timeline.current {
        let shown = showsPasswords ? step : step.hidingPasswords()
        try sink.write(writer.text(of: shown, in: timeline, before: before, after: timeline.world))
      }
      if case .end(let error) = run.stop { fault = error }
      guard run.stop == .done else { break }
    }
    try sink.write(writer.end())
    try sink.flush()
    source.tellPassedOver()
    if let fault { throw Complaint.input("\(source.name): \(fault.what)", advice: Complaint.sentence(fault.advice)) }
  }
}
