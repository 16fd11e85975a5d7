// Every sentence that scripts show, in one place for translators.

export const words = {
  saving: "Saving…",
  saved: (time: string) => `Saved ${time}`,
  offline: (changes: number) =>
    changes === 1
      ? "Offline: 1 change kept on this device"
      : `Offline: ${changes} changes kept on this device`,
  waiting: (changes: number) =>
    changes === 1
      ? "Not saved yet: 1 change kept on this device, trying again"
      : `Not saved yet: ${changes} changes kept on this device, trying again`,
  notKept: "Not saved yet, and this browser keeps no copy. Do not close the page.",
  conflict: "Conflict: this text was also changed elsewhere. Choose what to keep.",
  signedOut: "You are signed out. Your text is kept on this device.",
  signIn: "Sign in again",
  refused: (sentence: string) => `${sentence} Your text is kept on this device.`,
  refusedUnknown: "This was not accepted.",
  blocked: "Not sent: your last changes are not saved yet.",

  conflictTitle: "This text was changed in two places",
  conflictText: "Both versions are kept. Choose for each part; you can undo your choice.",
  restoreTitle: "There is unsaved text on this device",
  restoreText: (time: string) =>
    `You typed it at ${time}, and it never reached us. Nothing is replaced until you choose.`,
  mine: "Yours, on this device",
  theirs: "Stored",
  emptyText: "(nothing)",
  keepMine: "Keep mine",
  takeTheirs: "Take the stored text",
  keepBoth: "Keep both, one after the other",
  choseMine: "Yours is kept.",
  choseTheirs: "The stored text is taken.",
  choseBoth: "Both are in the field now.",
  undo: "Undo",
  close: "Close this",

  wordCount: (count: number) => (count === 1 ? "1 word" : `${count} words`),
  outlineEmpty: "empty",
  wordGoal: (count: number, goal: number) => `${count} of about ${goal} words`,

  playerWaiting: "Your answers are kept on this device and sent when there is a connection.",
  playerSignedOut: "You are signed out. Your answers are kept on this device.",
  playerDone: "Done: this activity is complete.",

  noConnection: "No connection. Nothing was changed; try again.",
  sessionEnded: "Your session has ended. Sign in again; this page keeps what you typed.",
  failed: "Something went wrong on our side. Nothing was changed; try again.",
};
