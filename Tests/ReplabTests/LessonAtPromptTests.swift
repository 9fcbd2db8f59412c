import Foundation
import Lab
import Lessons
import Testing

@testable import replab

/// A lesson is proved unattended. At the prompt its lines go another way, and must come to the same worlds.
@Suite("Lessons at the prompt are those that are proved") struct LessonAtPromptTests {
  static let names: [String] = ((try? LessonCatalog().books) ?? []).map(\.name)

  @Test("What a learner has typed leads where the lesson's proof leads", arguments: names)
  func same(name: String) throws {
    // How far somebody has come is none of this test's business.
    let folder = Folder()
    setenv("XDG_STATE_HOME", folder.root, 1)
    let page = try LessonCatalog.book(name).lesson()
    var proof = LessonRun(page, from: try Session(for: page))
    var session = try Session(.none(), forPrompt: true)
    (session.output, session.errors) = (Output(), Output())
    try session.run("lesson \(name) anew")
    var done = 0
    while true {
      switch proof.want {
      case .command(let command):
        _ = proof.perform(Session.lessonRunner)
        try session.enter("")
        done += 1
        let world = session.lesson?.run.state.timeline.world
        try #require(
          world == proof.state.timeline.world, "\(name): after `\(command.text)`, line \(command.line)")
      case .question:
        proof.passOver()
        try session.enter("skip")
      case .nothing:
        #expect(done > 5)
        return
      }
    }
  }

  /// Those in which a client waits: time goes by step by step there, as for whoever types the same without a lesson.
  static let waiting: [String] = names.filter {
    let page = (try? LessonCatalog.book($0).lesson())?.page ?? []
    return page.contains { $0.contains("client waits for its reply;") }
  }

  @Test("What a lesson shows is what the prompt alone prints", arguments: waiting)
  func alone(name: String) throws {
    #expect(Self.waiting.contains("wait"))
    let page = try LessonCatalog.book(name).lesson()
    var proof = LessonRun(page, from: try Session(for: page))
    var options = try Options.none()
    (options.seed, options.clock) = (page.seed, page.clock)
    var alone = try Session(options, forPrompt: true)
    while true {
      switch proof.want {
      case .command(let command):
        let printed = alone.printed(by: command.text)
        try #require(proof.perform(Session.lessonRunner) == printed, "\(name): `\(command.text)`, line \(command.line)")
      case .question: proof.passOver()
      case .nothing: return
      }
    }
  }
}
