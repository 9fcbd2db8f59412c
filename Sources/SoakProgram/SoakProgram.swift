import ArgumentParser
import Glibc
import Soak

@main struct SoakProgram: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replab-soak",
    abstract: "Random situations, played in the lab and to real servers, and all that both say compared.")

  @Option(help: "How many situations are made up.") var runs = 200
  @Option(help: "The seed of the first of them; each that follows has the next number.") var first: UInt64 = 1
  @Option(help: "How many are played at a time.") var parallel = 12
  @Option(help: "Where each that differs is kept as a script.", completion: .directory) var save: String?
  @Option(help: "Where to write down what real servers did.", completion: .directory) var keep: String?
  @Option(help: "What was kept there is what the lab is held to; no server is started.", completion: .directory)
  var again: String?
  @Flag(help: "Plays real servers against real servers.") var real = false
  @Flag(help: "Looks for the shortest situation that still differs.") var shrink = false
  @Flag(help: "Plays real servers alone, and prints when what was done.") var timeline = false
  @Option(help: ArgumentHelp("Prints the situation of a seed, and plays nothing.", valueName: "seed"))
  var print: UInt64?
  @Flag(help: "Prints what may differ, with its reasons, and plays nothing.") var exceptions = false
  @Option(help: "Plays trees with Sentinels in the lab alone, from seed --first on, until so many steps were made.")
  var steps: Int?
  @Argument(help: "Situations to play in place of made-up ones.", completion: .file()) var files: [String] = []

  func validate() throws {
    guard runs >= 0 else { throw ValidationError("--runs is a count, 0 or more") }
    guard parallel >= 1 else { throw ValidationError("--parallel is a count, 1 or more") }
    guard keep == nil || again == nil else { throw ValidationError("--keep and --again exclude each other") }
  }

  func run() throws {
    if let print { return show(Generator.situation(print).text) }
    if exceptions { return showExceptions() }
    if let steps { return try playTrees(steps) }
    let soak = soak
    if let keep { mkdir(keep, 0o755) }
    let situations = try situations()
    if timeline { return show(try situations.map(soak.timeline).joined(separator: "\n")) }
    let results = SoakRun(situations) { [real] in real ? soak.judgeReal($0) : soak.judge($0) }
      .run(parallel: parallel) {
        show(Report.text($0))
        fflush(nil)
      }
    let different = results.filter { !$0.isSame }
    if let save { for result in different { try write(result.situation, into: save) } }
    if shrink { for result in different { show(Shrinker(soak, parallel: parallel).shortest(result).text + "\n") } }
    show(Report.summary(results))
    if !different.isEmpty { throw ExitCode.failure }
  }

  private func playTrees(_ steps: Int) throws {
    var count = 0
    let isSound = TopologySoak().run(steps: steps, first: first, parallel: parallel) { result, done in
      count += 1
      if let complaint = result.complaint {
        show("seed \(result.seed): \(complaint.text)\n")
        if let save {
          mkdir(save, 0o755)
          try? writeFile("\(save)/tree-\(result.seed).lab", Array(complaint.script.utf8))
        }
      }
      if count.isMultiple(of: 10) || done >= steps { show("\(done) steps, \(count) trees\n") }
      fflush(nil)
    }
    if !isSound { throw ExitCode.failure }
  }

  private var soak: Soak {
    var soak = Soak()
    if let keep { soak.keptRuns = .written(keep) }
    if let again { soak.keptRuns = .read(again) }
    return soak
  }

  func situations() throws -> [Situation] {
    guard files.isEmpty else {
      return try files.map { try Situation(name: $0, text: String(decoding: readFile($0), as: UTF8.self)) }
    }
    // After the last seed comes the first one.
    return (0..<UInt64(runs)).map { Generator.situation(first &+ $0) }
  }

  private func write(_ situation: Situation, into folder: String) throws {
    mkdir(folder, 0o755)
    let name = situation.name.split(separator: "/").last.map { $0.replacing(" ", with: "-") } ?? "situation"
    try writeFile("\(folder)/\(name).lab", Array(situation.text.utf8))
  }

  private func show(_ text: String) { Swift.print(text, terminator: "") }

  private func showExceptions() {
    func show(_ line: String) { Swift.print(line) }
    for entry in Exceptions.fields { show("INFO \(entry.name): \(entry.reason)") }
    for entry in Exceptions.parts { show("INFO …\(entry.name)=: \(entry.reason)") }
    for entry in Exceptions.counts { show("INFO \(entry.field)…, off by \(entry.tolerance) at most: \(entry.reason)") }
    for entry in Exceptions.words { show("log \(entry.pattern): \(entry.reason)") }
    for entry in Exceptions.lines { show("log \(entry.prefix)…: \(entry.reason)") }
    for entry in Exceptions.unordered { show("order of the reply to \(entry.name): \(entry.reason)") }
    for entry in Exceptions.commands { show("reply to \(entry.name): \(entry.reason)") }
  }
}
