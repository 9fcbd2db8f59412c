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
        let world = session.lesson?.play.state.timeline.world
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
}
