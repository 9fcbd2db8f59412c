import Glibc
import Soak

/// `replab-soak [--runs N] [--first SEED] [--parallel P] [--save FOLDER] [--real] [--shrink] [FILE…]`
@main struct SoakProgram {
  static func main() throws {
    var (runs, first, parallel, folder, isReal, shrinks) = (200, UInt64(1), 12, String?.none, false, false)
    var files: [String] = []
    var arguments = CommandLine.arguments.dropFirst()
    func number() -> Int { arguments.popFirst().flatMap { Int($0) } ?? 1 }
    while let argument = arguments.popFirst() {
      switch argument {
      case "--runs": runs = number()
      case "--first": first = UInt64(max(0, number()))
      case "--parallel": parallel = max(1, number())
      case "--save": folder = arguments.popFirst()
      case "--real": isReal = true
      case "--shrink": shrinks = true
      case "--print":
        print(Generator.situation(UInt64(number())).text, terminator: "")
        return
      case "--exceptions": return printExceptions()
      default: files.append(argument)
      }
    }
    var situations = (0..<UInt64(max(runs, 0))).map { Generator.situation(first + $0) }
    if !files.isEmpty { situations = try files.map { try Situation(name: $0, text: read($0)) } }
    let soak = Soak()
    let results = SoakRun(situations) { [isReal] in isReal ? soak.judgeReal($0) : soak.judge($0) }
      .run(parallel: parallel) {
        print(Report.text($0), terminator: ""); fflush(nil)
      }
    for result in results where !result.isSame {
      if let folder { save(result.situation, in: folder) }
    }
    if shrinks {
      for result in results where !result.isSame { print(Shrinker(soak).shortest(result).text) }
    }
    print(Report.summary(results), terminator: "")
    if results.contains(where: { !$0.isSame }) { exit(1) }
  }

  private static func printExceptions() {
    for entry in Exceptions.fields { print("INFO \(entry.name): \(entry.reason)") }
    for entry in Exceptions.parts { print("INFO …\(entry.name)=: \(entry.reason)") }
    for entry in Exceptions.words { print("log \(entry.pattern): \(entry.reason)") }
    for entry in Exceptions.lines { print("log \(entry.prefix)…: \(entry.reason)") }
    for entry in Exceptions.unordered { print("order of the reply to \(entry.name): \(entry.reason)") }
    for entry in Exceptions.commands { print("reply to \(entry.name): \(entry.reason)") }
  }

  private static func save(_ situation: Situation, in folder: String) {
    mkdir(folder, 0o755)
    let name = situation.name.split(separator: "/").last.map { $0.replacing(" ", with: "-") } ?? "situation"
    guard let file = fopen("\(folder)/\(name).lab", "w") else { return }
    fputs(situation.text, file)
    fclose(file)
  }

  private static func read(_ path: String) throws -> String {
    guard let file = fopen(path, "r") else { throw SoakError("can't read \(path)") }
    defer { fclose(file) }
    var text: [UInt8] = []
    while case let byte = getc(file), byte != EOF { text.append(UInt8(truncatingIfNeeded: byte)) }
    return String(decoding: text, as: UTF8.self)
  }
}
