import Glibc
import Soak

/// `replab-soak [--runs N] [--first SEED] [--parallel P] [--save FOLDER] [--keep FOLDER] [--again FOLDER] [--real] [--shrink]
/// [--timeline] [FILE…]`: with `--keep`, what real servers did is written down; with `--again`, that is what the lab is held
/// to, and none is started.
@main struct SoakProgram {
  static func main() throws {
    var (runs, first, parallel, folder, isReal, shrinks, timeline) = (
      200, UInt64(1), 12, String?.none, false, false, false
    )
    var files: [String] = []
    var soak = Soak()
    var arguments = CommandLine.arguments.dropFirst()
    func number() -> Int { arguments.popFirst().flatMap { Int($0) } ?? 1 }
    while let argument = arguments.popFirst() {
      switch argument {
      case "--runs": runs = number()
      case "--first": first = UInt64(max(0, number()))
      case "--parallel": parallel = max(1, number())
      case "--save": folder = arguments.popFirst()
      case "--keep": soak.keptRuns = arguments.popFirst().map { .written($0) } ?? .none
      case "--again": soak.keptRuns = arguments.popFirst().map { .read($0) } ?? .none
      case "--real": isReal = true
      case "--shrink": shrinks = true
      case "--timeline": timeline = true
      case "--print":
        print(Generator.situation(UInt64(number())).text, terminator: "")
        return
      case "--exceptions": return printExceptions()
      default: files.append(argument)
      }
    }
    var situations = (0..<UInt64(max(runs, 0))).map { Generator.situation(first + $0) }
    if !files.isEmpty {
      situations = try files.map { try Situation(name: $0, text: String(decoding: readFile($0), as: UTF8.self)) }
    }
    if case .written(let folder) = soak.keptRuns { mkdir(folder, 0o755) }
    if timeline { return print(try situations.map(soak.timeline).joined(separator: "\n"), terminator: "") }
    let results = SoakRun(situations) { [isReal, soak] in isReal ? soak.judgeReal($0) : soak.judge($0) }
      .run(parallel: parallel) {
        print(Report.text($0), terminator: ""); fflush(nil)
      }
    for result in results where !result.isSame {
      if let folder { try save(result.situation, in: folder) }
    }
    if shrinks {
      for result in results where !result.isSame { print(Shrinker(soak, parallel: parallel).shortest(result).text) }
    }
    print(Report.summary(results), terminator: "")
    if results.contains(where: { !$0.isSame }) { exit(1) }
  }

  private static func printExceptions() {
    for entry in Exceptions.fields { print("INFO \(entry.name): \(entry.reason)") }
    for entry in Exceptions.parts { print("INFO …\(entry.name)=: \(entry.reason)") }
    for entry in Exceptions.counts { print("INFO \(entry.field)…, off by \(entry.tolerance) at most: \(entry.reason)") }
    for entry in Exceptions.words { print("log \(entry.pattern): \(entry.reason)") }
    for entry in Exceptions.lines { print("log \(entry.prefix)…: \(entry.reason)") }
    for entry in Exceptions.unordered { print("order of the reply to \(entry.name): \(entry.reason)") }
    for entry in Exceptions.commands { print("reply to \(entry.name): \(entry.reason)") }
  }

  private static func save(_ situation: Situation, in folder: String) throws {
    mkdir(folder, 0o755)
    let name = situation.name.split(separator: "/").last.map { $0.replacing(" ", with: "-") } ?? "situation"
    try writeFile("\(folder)/\(name).lab", Array(situation.text.utf8))
  }
}
