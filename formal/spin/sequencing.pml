/* Two devices write to one conversation through a server (SPEC 7: EN-07, EN-09, EN-12, EN-14, EN-15, EN-17, EN-18; 9: CK-07,
 * message keys). Both may change the membership, make epochs and write messages; links break and devices crash.
 *
 * Default: the server is honest. No run gets stuck: every entry that a device signs is accepted or rightly replaced, none
 * twice, and no device ever causes REPLAY or BAD_SEEN. LYING: the server answers STALE whenever it likes, keeps every
 * entry it was ever sent and may place it later, wherever the members' own checks (EN-18) let it.
 *
 * Uses the messages: submit accepted refused push_entries
 * Uses the header labels: seq seen epoch
 *
 * check: base deadlock
 * check: base LYING
 * check: mutant EN_07 deadlock         the server does not look at seq
 * check: mutant EN_12 deadlock         membership and epochs are not linear
 * check: mutant EN_15 deadlock         nobody checks which epoch a message names
 * check: mutant EN_15_AUTHOR deadlock  only the server checks it: what the device signed can never be accepted
 * check: mutant EN_17_STORE deadlock   the device sends before it stores
 * check: mutant EN_17_SAME_SEEN deadlock  a stale entry is replaced at once, under the same seen
 * check: mutant EN_17_PIPELINE deadlock   the device signs on behind an unaccepted members or epoch entry
 * check: mutant EN_17_WORD LYING       the device replaces whatever the server calls stale
 */
#define AUTHORS 2
#define WRITES 2                         /* seqs a device uses */
#define LOG (2 + AUTHORS * WRITES)       /* positions */
#define WINDOW 2                         /* entries a device keeps unanswered */

#define MEMBERS 1
#define EPOCH   2
#define MESSAGE 3
#define LINEAR(t) ((t) != MESSAGE)
#define NO 255

/* An entry's bytes, as far as they matter here. Two of one author are equal iff their ids are: the id counts its signatures.
 * index: how many of the author's messages in that epoch come before, which is to say the message key. */
typedef Entry { byte id; byte type; byte seq; byte seen; byte epoch; byte index };

/* The transcript. Position 0 is genesis, position 1 the first epoch. */
byte author[LOG];
Entry log[LOG];
byte size = 2;

typedef Device {
    byte held;                           /* positions it has verified */
    byte accepted;                       /* own entries among them */
    byte written;                         /* seqs used */
    Entry pending[WINDOW];               /* stored, in order of seq */
    byte count;
    byte sent;                           /* of these, sent on this link */
    bool stale;                          /* the server called pending[0] stale */
    bool broken;                         /* one broken link (or crash) each, to keep runs finite */
    byte signatures;
};
Device device[AUTHORS];

/* What a device has let out of its hands, for the properties: the entry's id by seq and seen, and by message key. */
typedef Out { byte bySeen[LOG + 1]; byte message };
typedef Released { Out seq[WRITES + 1]; byte key[LOG * WRITES] };
Released out[AUTHORS];

/* LYING: the last entry of each author that was sent and then replaced. */
Entry kept[AUTHORS];

hidden byte i, last, members, before;    /* scratch within one d_step */
byte verdict;                            /* scratch within one atomic */
#define ACCEPTED 0
#define STALE 1
#define ANSWERED 2                       /* known, same bytes */
#define ENDS 3                           /* REPLAY or BAD_SEEN */

/* The last epoch below `place` and the number of members entries below it. */
inline look(place) {
    last = 1; i = 1;
    do
    :: i < place ->
        if :: log[i].type == EPOCH -> last = i :: else fi;
        i++
    :: else -> break
    od
}
inline count_members(place) {
    members = 0; i = 1;
    do
    :: i < place ->
        if :: log[i].type == MEMBERS -> members++ :: else fi;
        i++
    :: else -> break
    od
}
/* EN-15: `epoch` is the last epoch entry below `seen`, and no members entry stands between. */
inline fits_epoch(seenSize, epochPlace) {
    verdict = ACCEPTED;
    look(seenSize);
    if :: epochPlace != last -> verdict = STALE :: else fi;
    i = last;
    do
    :: i < seenSize ->
        if :: log[i].type == MEMBERS -> verdict = STALE :: else fi;
        i++
    :: else -> break
    od
}
/* EN-12: no members or epoch entry stands at or after `seen`. */
inline linear(seenSize) {
    verdict = ACCEPTED; i = seenSize;
    do
    :: i < size ->
        if :: LINEAR(log[i].type) -> verdict = STALE :: else fi;
        i++
    :: else -> break
    od
}

/* What the server, and every member, says of an entry (order of section 7). */
inline judge(a, entry) {
    verdict = ACCEPTED;
    last = 0; members = 0; i = 2;        /* last: own seq, members: own seen so far */
    do
    :: i < size ->
        if
        :: author[i] == a ->
            last = log[i].seq; members = log[i].seen;
            if :: log[i].id == entry.id -> verdict = ANSWERED :: else fi
        :: else
        fi;
        i++
    :: else -> break
    od;
#ifdef EN_07
    verdict = ACCEPTED;
#else
    if
    :: verdict == ACCEPTED && entry.seq != last + 1 -> verdict = ENDS
    :: else
    fi;
#endif
    if
    :: verdict == ACCEPTED && entry.seen < members -> verdict = ENDS       /* EN-09 */
    :: else
    fi;
    if
    :: verdict == ACCEPTED && LINEAR(entry.type) ->
#ifndef EN_12
        linear(entry.seen)
#else
        skip
#endif
    :: verdict == ACCEPTED && !LINEAR(entry.type) ->
#ifndef EN_15
        fits_epoch(entry.seen, entry.epoch)
#else
        skip
#endif
    :: else
    fi
}

inline copy(from, to) {
    to.id = from.id; to.type = from.type; to.seq = from.seq; to.seen = from.seen; to.epoch = from.epoch; to.index = from.index
}

inline append(a, entry) {
    /* One seq, one entry: nothing is accepted twice, nothing skipped. */
    last = 0; i = 2;
    do
    :: i < size -> if :: author[i] == a -> last = log[i].seq :: else fi; i++
    :: else -> break
    od;
    assert(entry.seq == last + 1);
    /* The audience an author believed in is the one its entry has: an epoch's copies are sealed to the members at its
       place (EN-14), a message goes to the members at its author's `seen`. */
    if
    :: entry.type == EPOCH ->
        count_members(entry.seen); before = members; count_members(size);
        assert(before == members)
    :: entry.type == MESSAGE ->
        count_members(entry.epoch); before = members; count_members(entry.seen);
        assert(before == members)
    :: else
    fi;
    copy(entry, log[size]);
    author[size] = a;
    size++
}

/* An entry leaves the device. */
inline lets_out(a, entry) {
    /* EN-17: never two entries with the same seq and seen: no honest device's signatures look like misconduct. */
    assert(out[a].seq[entry.seq].bySeen[entry.seen] == 0 || out[a].seq[entry.seq].bySeen[entry.seen] == entry.id);
    out[a].seq[entry.seq].bySeen[entry.seen] = entry.id;
    if
    :: entry.type == MESSAGE ->
        /* One seq has one message, and one message key encrypts one message (CK-01). */
        assert(out[a].seq[entry.seq].message == 0 || out[a].seq[entry.seq].message == entry.id);
        out[a].seq[entry.seq].message = entry.id;
        assert(out[a].key[entry.epoch * WRITES + entry.index] == 0 || out[a].key[entry.epoch * WRITES + entry.index] == entry.id);
        out[a].key[entry.epoch * WRITES + entry.index] = entry.id
    :: else
    fi
}

/* The device writes seq `number` into `place` of its pending entries, under everything it has verified. */
inline writes(place, number) {
    d_step {
        look(device[a].held);
        device[a].pending[place].epoch = last;
        fits_epoch(device[a].held, last)
    }
#ifdef EN_15
    verdict = ACCEPTED;
#endif
#ifdef EN_15_AUTHOR
    verdict = ACCEPTED;
#endif
    if
    :: type = MEMBERS
    :: type = EPOCH
    :: verdict == ACCEPTED -> type = MESSAGE
    fi;
    d_step {
    if
    :: type == MESSAGE ->
        before = 0; last = device[a].pending[place].epoch; i = 2;
        do
        :: i < device[a].held ->
            if :: author[i] == a && log[i].type == MESSAGE && log[i].epoch == last -> before++ :: else fi;
            i++
        :: else -> break
        od;
        i = 0;
        do
        :: i < place ->
            if :: device[a].pending[i].type == MESSAGE && device[a].pending[i].epoch == last -> before++ :: else fi;
            i++
        :: else -> break
        od;
        device[a].pending[place].index = before
    :: else -> device[a].pending[place].epoch = 0; device[a].pending[place].index = 0
    fi;
    device[a].signatures++;
    device[a].pending[place].id = device[a].signatures;
    device[a].pending[place].type = type;
    device[a].pending[place].seq = number;
    device[a].pending[place].seen = device[a].held;
    type = 0; verdict = 0
    }
}

inline forget(entry) { entry.id = 0; entry.type = 0; entry.seq = 0; entry.seen = 0; entry.epoch = 0; entry.index = 0 }

/* The device verifies the next entry of the transcript. */
inline sees() {
    if
    :: author[device[a].held] == a ->
        /* What stands there is what the device stands by. */
        assert(device[a].count > 0 && device[a].pending[0].id == log[device[a].held].id);
        copy(device[a].pending[1], device[a].pending[0]);
        forget(device[a].pending[1]);
        device[a].count--;
        device[a].stale = false;
        if :: device[a].sent > 0 -> device[a].sent-- :: else fi
    :: else
    fi;
    device[a].held++
}

#define FIRST device[a].pending[0]
#ifdef EN_17_PIPELINE
#define MAY_SIGN_ON(a) true
#else
#define MAY_SIGN_ON(a) (device[a].count == 0 || device[a].pending[device[a].count - 1].type == MESSAGE)
#endif

/* EN-17: the device's own transcript makes its members or epoch entry stale for ever. */
#define LINEAR_AT(p) (FIRST.seen <= p && p < device[a].held && LINEAR(log[p].type))
#if defined(EN_17_SAME_SEEN)
#define MAY_REPLACE (device[a].stale)
#elif defined(EN_17_WORD)
#define MAY_REPLACE (device[a].stale && device[a].held > FIRST.seen)
#else
#define MAY_REPLACE (LINEAR(FIRST.type) && (LINEAR_AT(2) || LINEAR_AT(3) || LINEAR_AT(4) || LINEAR_AT(5)))
#endif

inline submits() {
    d_step {
        copy(device[a].pending[device[a].sent], submitted);
        lets_out(a, submitted);
        judge(a, submitted)
    }
#ifdef LYING
    if
    :: verdict == ACCEPTED -> d_step { append(a, submitted) }
    :: skip                                                       /* kept in silence */
    :: device[a].sent == 0 -> device[a].stale = true              /* called stale, whatever it is */
    fi;
#else
    assert(verdict != ENDS);                                      /* an honest device causes no REPLAY, no BAD_SEEN */
    if
    :: verdict == ACCEPTED -> d_step { append(a, submitted) }
    :: verdict == STALE && device[a].sent == 0 -> device[a].stale = true
    :: else
    fi;
#endif
    device[a].sent++;
    verdict = 0;
    forget(submitted)
}

#define FINISHED (device[a].written == WRITES && device[a].count == 0 && device[a].held == LOG)

byte type;
Entry submitted;

active [AUTHORS] proctype Writer() {
    byte a = _pid;
    device[a].held = 2;
    do
    :: d_step { device[a].held < size -> sees() }
    :: atomic { device[a].written < WRITES && device[a].count < WINDOW && MAY_SIGN_ON(a) ->
        device[a].written++;
        writes(device[a].count, device[a].written);
        device[a].count++ }
    :: atomic { device[a].sent < device[a].count -> submits() }
    :: atomic { device[a].count > 0 && device[a].sent > 0 && MAY_REPLACE ->
#ifdef LYING
        copy(FIRST, kept[a]);
#endif
#ifdef EN_17_SAME_SEEN
        kept[a].seen = device[a].held; device[a].held = FIRST.seen;
        writes(0, FIRST.seq);
        device[a].held = kept[a].seen;
#else
        writes(0, FIRST.seq);
#endif
        device[a].sent = 0; device[a].stale = false }
#ifndef LYING
    :: atomic { !device[a].broken && device[a].sent > 0 ->        /* the link breaks, or the device crashes */
        device[a].broken = true; device[a].sent = 0; device[a].stale = false;
#ifdef EN_17_STORE
        device[a].written = device[a].written - device[a].count;
        device[a].count = 0; forget(device[a].pending[0]); forget(device[a].pending[1])
#endif
        }
#else
    :: atomic { kept[a].id != 0 ->
        d_step { judge(a, kept[a]) }
        if :: verdict == ACCEPTED -> d_step { append(a, kept[a]) }; forget(kept[a]) :: else fi;
        verdict = 0 }
    :: atomic { device[a].sent > 0 ->                             /* placed late */
        d_step { judge(a, FIRST) }
        if :: verdict == ACCEPTED -> d_step { append(a, FIRST) } :: else fi;
        verdict = 0 }
#endif
    :: FINISHED -> break
    od
}
