namespace Countersign.Cli;

/// <summary>What one key press, or one paste, means to the editor.</summary>
internal enum KeyKind
{
    Text,
    Paste,
    Enter,
    NewLine,
    Tab,
    Backspace,
    Delete,
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    WordLeft,
    WordRight,
    DeleteWordLeft,
    DeleteToStart,
    DeleteToEnd,
    ClearScreen,
    Escape,
    Interrupt,
    EndOfInput,
}

/// <param name="Kind">What it is.</param>
/// <param name="Text">The characters, for <see cref="KeyKind.Text"/> and <see cref="KeyKind.Paste"/>; else empty.</param>
internal readonly record struct Key(KeyKind Kind, string Text = "");
