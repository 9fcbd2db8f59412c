extension Decision {
  /// What a decision is about, without its numbers: `break decision` stops at one by this name, its case's own.
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    case connect, cannotConnect, waitForCron, handshakeReply, askForPart, askForAll, adoptNewID
    case transferTarget, serveWhileLoading, dropOwnReplicas, failMastersCommand
    case refuseSync, partialResync, beginHistory, snapshot, delaySnapshot, joinSnapshot, waitForNextSnapshot, online
    case startStream
    case awaitHandOver, handOver, abortFailover, becomeMaster
    case subjectivelyDown, objectivelyDown, delayFailover, vote, keepVote, countVotes, selectReplica
    case takeConfiguration, tilt
    case rewrite
    case waitForReplicas, answerWait
    case keyExpired, deleteExpired
    case evict
    case loaded
    case dropReplica, giveUpMaster, freeBacklog, refuseCommand, holdBack, refuseConnection, closeClient
    case logIn, requireLogIn, deny

    /// The kind with this name, in any case.
    package static func named(_ name: String) -> Kind? {
      let name = name.lowercased()
      return allCases.first { $0.rawValue.lowercased() == name }
    }
  }

  package var kind: Kind {
    switch self {
    case .connect: .connect
    case .cannotConnect: .cannotConnect
    case .waitForCron: .waitForCron
    case .handshakeReply: .handshakeReply
    case .askForPart: .askForPart
    case .askForAll: .askForAll
    case .adoptNewID: .adoptNewID
    case .transferTarget: .transferTarget
    case .serveWhileLoading: .serveWhileLoading
    case .dropOwnReplicas: .dropOwnReplicas
    case .failMastersCommand: .failMastersCommand
    case .refuseSync: .refuseSync
    case .partialResync: .partialResync
    case .beginHistory: .beginHistory
    case .snapshot: .snapshot
    case .delaySnapshot: .delaySnapshot
    case .joinSnapshot: .joinSnapshot
    case .waitForNextSnapshot: .waitForNextSnapshot
    case .online: .online
    case .startStream: .startStream
    case .awaitHandOver: .awaitHandOver
    case .handOver: .handOver
    case .abortFailover: .abortFailover
    case .becomeMaster: .becomeMaster
    case .subjectivelyDown: .subjectivelyDown
    case .objectivelyDown: .objectivelyDown
    case .delayFailover: .delayFailover
    case .vote: .vote
    case .keepVote: .keepVote
    case .countVotes: .countVotes
    case .selectReplica: .selectReplica
    case .takeConfiguration: .takeConfiguration
    case .tilt: .tilt
    case .rewrite: .rewrite
    case .waitForReplicas: .waitForReplicas
    case .answerWait: .answerWait
    case .keyExpired: .keyExpired
    case .deleteExpired: .deleteExpired
    case .evict: .evict
    case .loaded: .loaded
    case .dropReplica: .dropReplica
    case .giveUpMaster: .giveUpMaster
    case .freeBacklog: .freeBacklog
    case .refuseCommand: .refuseCommand
    case .holdBack: .holdBack
    case .refuseConnection: .refuseConnection
    case .closeClient: .closeClient
    case .logIn: .logIn
    case .requireLogIn: .requireLogIn
    case .deny: .deny
    }
  }
}
