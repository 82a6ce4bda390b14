using System.Runtime.CompilerServices;

namespace Countersign.Cryptography;

/// <summary>Where a reader stands inside arrays and maps: how many items are still due, and which map key came last.</summary>
internal struct CborNesting
{
    /// <summary>Deepest nesting that any grammar of ours needs, with room; depth never comes from the input.</summary>
    public const int MaxDepth = 16;

    private Frames _frames;
    private int _depth;
    private bool _afterTag;

    /// <summary>Stands before the first item of one item, or of a sequence. Deeper frames are made when they are entered.</summary>
    public void Reset(bool sequence)
    {
        _frames[0] = new Frame { ItemsLeft = sequence ? ulong.MaxValue : 1 };
        (_depth, _afterTag) = (0, false);
    }

    /// <summary>Accounts for one item with this head at this place.</summary>
    /// <exception cref="MalformedException">No item is due here, or a map key is no integer or not above the one before (CB-03).</exception>
    public void Item(int major, ulong argument)
    {
        ref var frame = ref _frames[_depth];
        if (frame.ItemsLeft == 0)
            throw new MalformedException("an item too many");
        if (frame.IsMap && frame.ItemsLeft % 2 == 0)
            frame.CheckKey(major, argument);
        frame.ItemsLeft--;
        _afterTag = false;
    }

    /// <summary>Accounts for a tag, which belongs to the item after it.</summary>
    public void Tag()
    {
        if (_frames[_depth].ItemsLeft == 0)
            throw new MalformedException("an item too many");
        _afterTag = true;
    }

    public void Enter(ulong items, bool isMap)
    {
        if (_depth + 1 == MaxDepth)
            throw new InvalidOperationException("A grammar nests deeper than the reader's bound.");
        _frames[++_depth] = new Frame { ItemsLeft = items, IsMap = isMap };
    }

    public void Leave(bool isMap)
    {
        ref var frame = ref _frames[_depth];
        if (_depth == 0 || frame.IsMap != isMap)
            throw new InvalidOperationException("There is no such array or map to leave.");
        if (frame.ItemsLeft != 0 || _afterTag)
            throw new MalformedException("items left");
        _depth--;
    }

    /// <summary>Requires that the reader stands between two items of the outermost level.</summary>
    public readonly void End()
    {
        if (_depth != 0)
            throw new InvalidOperationException("An array or map was not left.");
        if (_afterTag || _frames[0].ItemsLeft == 1)
            throw new MalformedException("no item");
    }

    private struct Frame
    {
        public ulong ItemsLeft;
        public bool IsMap;
        private bool _hasKey;
        private int _lastMajor;
        private ulong _lastArgument;

        // For integers in shortest form the order of encodings is that of major type, then argument.
        public void CheckKey(int major, ulong argument)
        {
            if (major > CborMajor.Negative)
                throw new MalformedException("CB-03: map key is no integer");
            if (_hasKey && (major, argument).CompareTo((_lastMajor, _lastArgument)) <= 0)
                throw new MalformedException("CB-03: map keys are not ascending");
            (_hasKey, _lastMajor, _lastArgument) = (true, major, argument);
        }
    }

    [InlineArray(MaxDepth)]
    private struct Frames
    {
        private Frame _first;
    }
}

/// <summary>Major types: RFC 8949 section 3.1.</summary>
internal static class CborMajor
{
    public const int Unsigned = 0;
    public const int Negative = 1;
    public const int Bytes = 2;
    public const int Text = 3;
    public const int Array = 4;
    public const int Map = 5;
    public const int Tag = 6;
    public const int Simple = 7;
}
