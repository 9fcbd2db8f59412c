import Foundation
import Hostile
import LibFuzzer
import LineEdit
import RESP
import Redis

@testable import replab

/// The program itself: `FuzzReplab compare|replay|lines|scripts|restore`, each under libFuzzer, and `FuzzReplab hostile COUNT [SEED]`: so
/// many conversations and sittings that nobody learns from. What it is to show goes nowhere.
@main struct FuzzReplab {
  static let folder = FileManager.default.temporaryDirectory.path + "/replab-fuzz-\(getpid())"

  static func main() {
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(atPath: FuzzReplab.folder) }
    Interrupt.install()
    let mode = CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : ""
    // The fuzzer's own arguments come after.
    var count = CommandLine.argc - 1
    var arguments = CommandLine.unsafeArgv + 1
    switch mode {
    case "compare":
      _ = runFuzzer(&count, &arguments) { pointer, count in
        FuzzReplab.compare(Array(UnsafeBufferPointer(start: pointer, count: count)))
        return 0
      }
    case "replay":
      _ = runFuzzer(&count, &arguments) { pointer, count in
        FuzzReplab.replay(Array(UnsafeBufferPointer(start: pointer, count: count)))
        return 0
      }
    case "lines":
      _ = runFuzzer(&count, &arguments) { pointer, count in
        FuzzReplab.lines(Array(UnsafeBufferPointer(start: pointer, count: count)))
        return 0
      }
    case "scripts":
      _ = runFuzzer(&count, &arguments) { pointer, count in
        FuzzReplab.scripts(Array(UnsafeBufferPointer(start: pointer, count: count)))
        return 0
      }
    case "restore":
      _ = runFuzzer(&count, &arguments) { pointer, count in
        FuzzReplab.restore(Array(UnsafeBufferPointer(start: pointer, count: count)))
        return 0
      }
    case "hostile": hostile(CommandLine.arguments.dropFirst(2).compactMap { UInt64($0) })
    default:
      check(
        false, "usage: FuzzReplab compare|replay|lines|scripts|restore [libFuzzer's options], or hostile COUNT [SEED]")
    }
  }

  // MARK: The program's commands

  /// As if it had been started with these arguments.
  static func command(_ arguments: [String]) {
    Interrupt.clear()
    do {
      var command = try Replab.parseAsRoot(arguments)
      try command.run()
    } catch {
      // A complaint, or an exit status: all is well.
    }
  }

  static func file(_ name: String, _ bytes: [UInt8]) -> String {
    let path = "\(folder)/\(name)"
    _ = FileManager.default.createFile(atPath: path, contents: Data(bytes))
    return path
  }

  /// Two transcripts: the halves of the input, where its first byte says so, or the same one twice.
  static func compare(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    let rest = bytes.dropFirst()
    let cut = first < 16 ? rest.firstIndex(of: 0) ?? rest.endIndex : rest.endIndex
    let a = file("a", Array(rest[..<cut]))
    let b = cut == rest.endIndex ? a : file("b", Array(rest[(cut + 1)...]))
    command(["compare", a, b, "--all"])
    command(["compare", a, "--against", "lab", "--all"])
  }

  /// A recording, and what is typed when one steps through it: as many choices as the first byte says come first.
  static func replay(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    let typed = Array(bytes.dropFirst().prefix(Int(first)))
    let path = file("recording", Array(bytes.dropFirst(1 + typed.count)))
    var choices = Choices(typed)
    var session = HostileSession(recording: path)
    session.play(100, &choices)
    if first == 0 {
      for format in ["arrows", "markdown", "html", "svg", "tcpdump", "pcap"] {
        command(["convert", path, "--to", format])
      }
      command(["inspect", path])
    }
  }

  /// A script: one made of choices, or, where the first byte says so, the bytes as they are.
  static func scripts(_ bytes: [UInt8]) {
    var choices = Choices(bytes)
    let script = bytes.first == 0 ? Array(bytes.dropFirst()) : Array(HostileScripts.script(&choices).utf8)
    let client = ConnectionID(.accepted, 1)
    let address = Address(host: "127.0.0.1", port: 50_000)
    var node = Node(configuration: Configuration(), seed: 1, now: .defaultLabClock)
    _ = node.handle(.start(files: [:]), at: .defaultLabClock)
    _ = node.handle(.accepted(client, peer: address, local: address), at: .defaultLabClock)
    for words in [["EVAL", "1", "k1", "x"], ["FUNCTION", "LOAD"]].map({ $0.map { Array($0.utf8) } }) {
      let command =
        words.count == 2 ? words + [Array("#!lua name=x\n".utf8) + script] : [words[0], script] + words[1...]
      _ = node.handle(.received(client, [UInt8](command: command)), at: .defaultLabClock)
    }
  }

  /// A payload of DUMP, whose checksum is made right.
  static func restore(_ bytes: [UInt8]) {
    guard bytes.count > 2 else { return }
    var restoring = HostileRestore()
    restoring.play(bytes)
    check(restoring.broken.isEmpty, restoring.broken.joined(separator: "\n"))
  }

  /// What is typed in a lab, by somebody so impatient that a hundred lines take a second.
  static func lines(_ bytes: [UInt8]) {
    var choices = Choices(bytes)
    var session = HostileSession(patience: 300)
    session.play(100, &choices)
  }

  // MARK: Without a fuzzer

  static func hostile(_ numbers: [UInt64]) {
    silence()
    let (count, seed) = (numbers.first ?? 5_000, numbers.dropFirst().first ?? 1)
    for number in seed..<seed + count {
      var choices = Choices(seed: number)
      if number % 2 == 0 {
        let text = HostileConversation.arrows(&choices)
        let path = keep("hostile-conversation", Array(text.utf8))
        command(["compare", path, path, "--all"])
        command(["compare", path, "--against", "lab", "--all"])
        command(["inspect", path])
        for format in ["arrows", "markdown", "html", "svg", "tcpdump", "mermaid"] {
          command(["convert", path, "--to", format])
        }
        let pcap = folder + "/hostile.pcap"
        unlink(pcap)
        command(["convert", path, pcap])
        command(["compare", pcap, "--against", "lab"])
        var session = HostileSession(recording: path)
        session.play(20, &choices)
      } else {
        var session = HostileSession(note: { _ = keep("hostile-lines", Array($0.joined(separator: "\n").utf8)) })
        session.play(30, &choices)
      }
    }
    tell("\(count) conversations and sittings from seed \(seed) on, and no signal")
  }

  /// Where it can be found if the program ends here.
  private static func keep(_ name: String, _ bytes: [UInt8]) -> String {
    let path = "found/\(name)"
    _ = FileManager.default.createFile(atPath: path, contents: Data(bytes))
    return path
  }
}
