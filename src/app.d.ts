// Kit's ambient types; nothing of the app is declared globally.
export {};
