/* What two members of a conversation hold, and what they can show each other (SPEC 8: TR-02, RC-02, RC-04, RC-05, RC-07). Each
 * takes entries in order, signed heads of any size, before or after the entries below them, and the other's delivery receipts.
 *
 * Default: the server lies. It delivers what it likes to whom it likes, signs whatever heads it likes, and hands on or withholds
 * receipts. Whatever it does: what a member has called accepted stays as it is; what it calls delivered, the other holds, too;
 * and two members to whom different entries were accepted at one place have in their hands two signed heads that contradict each
 * other, which anyone can check (RC-07, BU-21). HONEST: one transcript, heads of its newest entry; whatever is late, nobody is
 * accused, and both come to the end with each other's receipts.
 *
 * Uses the messages: push_entries head receipt
 *
 * check: base
 * check: base HONEST deadlock
 * check: mutant RC_02          a member takes a signed head without comparing its root with that of its own entries
 * check: mutant RC_05          a receipt counts whatever root it names
 * check: mutant RC_07          a member that sees another history signed takes it instead of its own
 * check: mutant RC_07_EARLY HONEST deadlock  a head is judged before the entries below it are there
 */
#define MAX 3                            /* entries of a transcript; each is one of two */
#define NONE 255

/* A transcript is the bits of its entries, the first lowest; with its size that is its root (RFC 9162: no two with one root). */
#define PREFIX(root, size) ((root) & ((1 << (size)) - 1))

typedef Member {
    byte held;                           /* entries */
    byte root;                           /* of all of them */
    byte accepted;                       /* the largest size of a head it accepted */
    byte acceptedRoot;                   /* the transcript up to there, as it was called accepted */
    byte delivered;                      /* the largest size of a receipt of the other's that it took */
    byte ahead;                          /* size of the head kept until the entries are there (RC-07), or NONE */
    byte aheadRoot;
    bool distrusts;
    byte heads[MAX + 1]                  /* by size, the root of the signed head it accepted, or NONE */
};
Member member[2];
byte log;                                /* HONEST: the one transcript */

hidden byte n, k;                        /* scratch within one atomic */
bool proved;

/* Whether a head that one has accepted contradicts a head that the other has. */
inline contradiction() {
    proved = false;
    n = 1;
    do
    :: n > MAX -> break
    :: else ->
        k = 1;
        do
        :: k > MAX -> break
        :: else ->
            if
            :: member[0].heads[n] != NONE && member[1].heads[k] != NONE &&
               PREFIX(member[0].heads[n], (n < k -> n : k)) != PREFIX(member[1].heads[k], (n < k -> n : k)) -> proved = true
            :: else
            fi;
            k++
        od;
        n++
    od
}

/* After each step. */
inline check(m) {
    assert(PREFIX(member[m].root, member[m].accepted) == member[m].acceptedRoot);
#ifdef HONEST
    assert(!member[m].distrusts);
#endif
    k = (member[0].accepted < member[1].accepted -> member[0].accepted : member[1].accepted);
    if
    :: PREFIX(member[0].acceptedRoot, k) != PREFIX(member[1].acceptedRoot, k) ->
        contradiction();
        assert(proved);
        proved = false
    :: else
    fi
}

inline accept(m, size, signedRoot) {
    member[m].heads[size] = signedRoot;
    if
    :: size > member[m].accepted -> member[m].accepted = size; member[m].acceptedRoot = PREFIX(member[m].root, size)
    :: else
    fi
}

/* RC-02, of a head whose entries are there; otherwise RC-07. */
inline compare(m, size, signedRoot) {
    if
#ifdef RC_02
    :: true -> accept(m, size, signedRoot)
#else
    :: PREFIX(member[m].root, size) == signedRoot -> accept(m, size, signedRoot)
    :: else ->
#ifdef RC_07
        member[m].held = size; member[m].root = signedRoot; accept(m, size, signedRoot)
#else
        member[m].distrusts = true
#endif
#endif
    fi
}

inline take_entry(m, value) {
    member[m].root = member[m].root | (value << member[m].held);
    member[m].held++;
    if
    :: member[m].ahead == member[m].held ->
        member[m].ahead = NONE;
        compare(m, member[m].held, member[m].aheadRoot)
    :: else
    fi;
    check(m)
}

inline take_head(m, size, signedRoot) {
    if
#ifdef RC_07_EARLY
    :: true ->
#else
    :: size <= member[m].held ->
#endif
        compare(m, size, signedRoot)
    :: else -> member[m].ahead = size; member[m].aheadRoot = signedRoot
    fi;
    check(m)
}

/* The other's receipt is over a head that it has accepted (RC-04). */
inline take_receipt(m, size) {
    if
#ifndef RC_05
    :: PREFIX(member[m].root, size) != PREFIX(member[1 - m].root, size) -> member[m].distrusts = true
#endif
    :: else ->
        member[m].delivered = (size > member[m].delivered -> size : member[m].delivered);
        assert(PREFIX(member[m].root, size) == PREFIX(member[1 - m].root, size))
    fi;
    check(m)
}

#define TAKES(m) (!member[m].distrusts)
#define FRESH_HEAD(m) (TAKES(m) && member[m].ahead == NONE)
#define RECEIPT(m) (TAKES(m) && member[1 - m].accepted > member[m].delivered && member[1 - m].accepted <= member[m].held)

/* The server towards one member. */
proctype serve(byte m) {
    byte size, root;
#ifdef HONEST
    byte newest;
end:
    do
    :: d_step { TAKES(m) && member[m].held < MAX -> size = member[m].held; take_entry(m, (log >> size & 1)); size = 0 }
    :: atomic { FRESH_HEAD(m) && newest < MAX ->
        if :: newest++ :: newest + 2 <= MAX -> newest = newest + 2 fi;
        d_step { take_head(m, newest, PREFIX(log, newest)) } }
    :: d_step { RECEIPT(m) -> take_receipt(m, member[1 - m].accepted) }
    :: d_step { member[m].held == MAX && newest == MAX && member[m].delivered == MAX -> assert(member[m].accepted == MAX) }; break
    od
#else
    do
    :: atomic { TAKES(m) && member[m].held < MAX -> if :: root = 0 :: root = 1 fi; d_step { take_entry(m, root); root = 0 } }
    :: atomic { FRESH_HEAD(m) ->
        select(size : 1 .. MAX);
        do :: root < (1 << size) - 1 -> root++ :: break od;
        d_step { take_head(m, size, root); size = 0; root = 0 } }
    :: d_step { RECEIPT(m) -> take_receipt(m, member[1 - m].accepted) }
    od
#endif
}

init {
    atomic {
        member[0].ahead = NONE; member[0].heads[1] = NONE; member[0].heads[2] = NONE; member[0].heads[3] = NONE;
        member[1].ahead = NONE; member[1].heads[1] = NONE; member[1].heads[2] = NONE; member[1].heads[3] = NONE;
#ifdef HONEST
        select(log : 0 .. 7);
#endif
        run serve(0);
        run serve(1)
    }
}
