/* The state machines of one link (SPEC 4.2 to 4.4, 5, SE-01, SE-07): handshake, login, rekey, chat and a later rekey.
 *
 * Default: the network is the attacker. It delivers any record that any end ever sent, to either end, any number of
 * times and in any order; it may put its own share in place of either hello, and then holds that end's keys; it is a
 * user itself (MALLORY) with a certificate, and cannot sign for anybody else. HONEST: the network is a wire, and the
 * question is whether every record arrives, whatever is in flight when a rekey starts.
 *
 * Uses the messages: certificates proof finished login challenge response login_ok rekey_start rekey_reply rekey_done
 *                    ready bye
 *
 * check: base
 * check: base HONEST deadlock
 * check: mutant HS_04          a message out of turn is passed over: finished is taken without a proof
 * check: mutant HS_05          the client does not check the server's proof
 * check: mutant HS_06          the server does not check the client's proof
 * check: mutant HS_09          records under k_auth are still taken once k_chat is there
 * check: mutant HS_12          the server takes ready straight after login, under k_auth
 * check: mutant HS_13          the server acts for the user as soon as it has computed k_chat
 * check: mutant HS_14          a second rekey_start is taken before rekey_done
 * check: mutant RL_02          an end of the stream without bye counts as an orderly end
 * check: mutant RL_04_COUNTER  the receiver takes any number
 * check: mutant RL_04_DIRECTION  both directions share one key
 * check: mutant SERVER_RECEIVES_EARLY HONEST deadlock   4.4: the server takes its new receive key with rekey_reply
 * check: mutant SERVER_SENDS_LATE     HONEST deadlock   4.4: the server keeps its old send key until rekey_done
 * check: mutant CLIENT_SENDS_EARLY    HONEST deadlock   4.4: rekey_done travels under the new key
 */
#define C 0
#define S 1
#define PEER(e) (1 - (e))

/* Generations of keys. Each has one key a direction. */
#define HS    0
#define AUTH  1
#define CHAT  2                          /* the first k_chat; CHAT + 1 is the one after the later rekey */

mtype = { certificates, proof, finished, login, challenge, response, login_ok,
          rekey_start, rekey_reply, rekey_done, ready, chat, bye };

/* What each end awaits; both walk upward. */
#define SERVER_HELLO   0                 /* the server: hello */
#define CERTIFICATES   1
#define PROOF          2
#define FINISHED       3
#define LOGIN          4                 /* client: challenge */
#define RESPONSE       5                 /* client: login_ok */
#define REKEY          6                 /* server: rekey_start; client: rekey_reply */
#define DONE           7                 /* server only: rekey_done */
#define READY          8                 /* server only */
#define OPEN           9

#define HONEST_USER 1
#define MALLORY     2

#define LOG 16
typedef Wire { mtype what[LOG]; byte key[LOG]; byte number[LOG]; byte length };
Wire wire[2];                            /* wire[e]: every record that e has sent */
byte sendKey[2], sendNumber[2], receiveKey[2], receiveNumber[2];
byte state[2];
byte taken[2];                           /* records that e has taken, over all keys */
byte delivered[2];                       /* HONEST: the wire's position */
bool closed[2], orderly[2], said_bye[2];
bool forged[2];                          /* the hello that e got is the attacker's */
byte peer;                               /* whom the server takes the client for */
bool acts;                               /* the server acts for that user */
byte pending;                            /* exchanges the server has answered and not yet seen done */
byte chats[2];
bool rekeying, rekeyed;                  /* the client's later rekey */

#define SHARED (!forged[C] && !forged[S])                 /* the two ends computed the same secrets */
#ifdef HS_14
#define NONE_PENDING true
#else
#define NONE_PENDING (pending == 0)
#endif
#define AUTHENTIC(e) (state[e] > FINISHED)

inline send(e, m) {
    wire[e].what[wire[e].length] = m;
    wire[e].key[wire[e].length] = sendKey[e];
    wire[e].number[wire[e].length] = sendNumber[e];
    wire[e].length++;
    sendNumber[e]++
}
inline sends_under(e, k) { sendKey[e] = k; sendNumber[e] = 0 }
inline receives_under(e, k) { receiveKey[e] = k; receiveNumber[e] = 0 }

inline established() {
    acts = true;
    assert(receiveKey[S] >= CHAT);                        /* never under k_auth */
    if
    :: peer == HONEST_USER ->
        assert(SHARED);                                   /* that user's client is at the other end */
        assert(state[C] == OPEN && sendKey[C] >= CHAT)    /* and holds k_chat: key confirmation */
    :: else
    fi
}

/* ---- the client: one message expected in each state (HS-04) ---- */
inline client_takes() {
    if
    :: state[C] == CERTIFICATES && m == certificates -> state[C] = PROOF
    :: state[C] == PROOF && m == proof -> state[C] = FINISHED
#ifdef HS_04
    :: state[C] == PROOF && m == finished -> goto_finished = true
#endif
    :: state[C] == FINISHED && m == finished -> goto_finished = true
    :: state[C] == LOGIN && m == challenge -> send(C, response); state[C] = RESPONSE
    :: state[C] == RESPONSE && m == login_ok -> send(C, rekey_start); state[C] = REKEY
    :: state[C] == REKEY && m == rekey_reply ->
        receives_under(C, CHAT);
        client_done(CHAT);
        send(C, ready);
        state[C] = OPEN
    :: state[C] == OPEN && m == rekey_reply && rekeying ->
        receives_under(C, CHAT + 1);
        client_done(CHAT + 1);
        rekeying = false
    :: state[C] == OPEN && m == chat -> skip
    :: state[C] == OPEN && m == bye -> end_orderly(C)
    :: else -> closed[C] = true
    fi;
    if
    :: goto_finished ->
        goto_finished = false;
        assert(SHARED);                                   /* HS-05: the server is who it says, on these very shares */
        send(C, certificates); send(C, proof); send(C, finished);
        sends_under(C, AUTH); receives_under(C, AUTH);
        send(C, login);
        state[C] = LOGIN
    :: else
    fi
}
inline client_done(k) {
#ifdef CLIENT_SENDS_EARLY
    sends_under(C, k); send(C, rekey_done)
#else
    send(C, rekey_done); sends_under(C, k)
#endif
}

/* ---- the server ---- */
inline server_takes() {
    if
    :: state[S] == CERTIFICATES && m == certificates -> state[S] = PROOF
    :: state[S] == PROOF && m == proof -> state[S] = FINISHED
    :: state[S] == FINISHED && m == finished ->
        sends_under(S, AUTH); receives_under(S, AUTH);
        state[S] = LOGIN;
        assert(peer == MALLORY || (SHARED && AUTHENTIC(C)))       /* HS-06 */
    :: state[S] == LOGIN && m == login -> send(S, challenge); state[S] = RESPONSE
    :: state[S] == RESPONSE && m == response -> send(S, login_ok); state[S] = REKEY
    :: state[S] == REKEY && m == rekey_start -> server_replies(CHAT); state[S] = DONE
#ifdef HS_12
    :: state[S] == REKEY && m == ready -> state[S] = OPEN; established()
#endif
    :: state[S] == DONE && m == rekey_done -> server_done(CHAT); state[S] = READY
    :: state[S] == READY && m == ready -> state[S] = OPEN; established()
    :: state[S] == OPEN && m == rekey_start && NONE_PENDING && sendKey[S] < CHAT + 2 -> server_replies(sendKey[S] + 1)
    :: state[S] == OPEN && m == rekey_done && pending > 0 -> server_done(receiveKey[S] + 1)
    :: state[S] == OPEN && m == chat -> skip
    :: state[S] == OPEN && m == bye -> end_orderly(S)
    :: else -> closed[S] = true
    fi
}
inline server_replies(k) {
    send(S, rekey_reply);
    pending++;
    assert(pending == 1);                                 /* one key in waiting, whatever the client does */
#ifdef SERVER_SENDS_LATE
    skip;
#else
    sends_under(S, k);
#endif
#ifdef SERVER_RECEIVES_EARLY
    receives_under(S, k);
#endif
#ifdef HS_13
    established()
#endif
}
inline server_done(k) {
    pending--;
#ifdef SERVER_SENDS_LATE
    sends_under(S, k);
#endif
#ifndef SERVER_RECEIVES_EARLY
    receives_under(S, k)
#endif
}

inline end_orderly(e) {
    orderly[e] = true; closed[e] = true;
    assert(!SHARED || taken[e] == wire[PEER(e)].length)   /* nothing was cut off */
}

/* Record `at` of `from`'s wire reaches e. */
inline arrives() {
    m = wire[from].what[at];
    right = (from == PEER(e)) && SHARED && wire[from].key[at] == receiveKey[e] && wire[from].number[at] == receiveNumber[e];
    opens = right;
#ifdef RL_04_COUNTER
    opens = opens || ((from == PEER(e)) && SHARED && wire[from].key[at] == receiveKey[e]);
#endif
#ifdef RL_04_DIRECTION
    opens = opens || (SHARED && wire[from].key[at] == receiveKey[e] && wire[from].number[at] == receiveNumber[e]);
#endif
#ifdef HS_09
    opens = opens || ((from == PEER(e)) && SHARED && wire[from].key[at] == AUTH && receiveKey[e] == CHAT && m == rekey_start);
#endif
    assert(!opens || right);                              /* its own next record, of its peer, under the key in force */
    if
    :: opens -> taken[e]++
    :: else
    fi
}

/* A record of the attacker's own, to an end whose keys it holds. Proofs it makes only in its own name. */
inline forge() {
    opens = true;
    if
    :: m == certificates && e == S -> if :: peer = HONEST_USER :: peer = MALLORY fi
#ifndef HS_05
    :: m == proof && e == C -> opens = false
#endif
#ifndef HS_06
    :: m == proof && e == S && peer == HONEST_USER -> opens = false
#endif
    :: else
    fi
}

/* Any record there is. */
inline pick() {
    at = 0;
    do
    :: at < wire[from].length -> break
    :: at + 1 < wire[from].length -> at++
    od
}

/* On an honest wire nothing ends but by bye. */
inline wired() {
#ifdef HONEST
    assert(!closed[e] || orderly[e])
#else
    skip
#endif
}

inline hello_or_forged() {
    if
    :: forged[e] = false
#ifndef HONEST
    :: forged[e] = true
#endif
    fi
}

inline hello_arrives() {
    state[e] = CERTIFICATES;
    if
    :: e == S -> peer = HONEST_USER; send(S, certificates); send(S, proof); send(S, finished)
    :: else
    fi
}

/* Is there anything for e to get? */
#ifdef HONEST
#define DELIVERS(e) (delivered[e] < wire[PEER(e)].length && !closed[e] && state[e] > SERVER_HELLO)
#else
#define DELIVERS(e) (!closed[e] && state[e] > SERVER_HELLO)
#endif

/* Scratch of one atomic step, cleared at its end. */
byte e, from, at;
mtype m;
bool right, opens, goto_finished;

active proctype Link() {
    do
    :: atomic { state[S] == SERVER_HELLO ->
        e = S; hello_or_forged();
        hello_arrives(); e = 0 }
    :: atomic { state[C] == SERVER_HELLO && state[S] > SERVER_HELLO ->
        e = C; hello_or_forged();
        hello_arrives(); e = 0 }
    :: atomic { state[C] == OPEN && !closed[C] && !said_bye[C] && chats[C] < 2 -> chats[C]++; send(C, chat) }
    :: atomic { state[S] == OPEN && !closed[S] && chats[S] < 2 -> chats[S]++; send(S, chat) }
    :: atomic { state[C] == OPEN && !closed[C] && !rekeyed -> rekeying = true; rekeyed = true; send(C, rekey_start) }
    :: atomic { state[C] == OPEN && !closed[C] && !said_bye[C] && rekeyed && !rekeying && chats[C] == 2 -> said_bye[C] = true; send(C, bye) }
    :: atomic { DELIVERS(S) || DELIVERS(C) ->
#ifdef HONEST
        if
        :: DELIVERS(S) -> e = S
        :: DELIVERS(C) -> e = C
        fi;
        at = delivered[e]; delivered[e]++;
        from = PEER(e); arrives();
#else
        if :: DELIVERS(S) -> e = S :: DELIVERS(C) -> e = C fi;
        if
        :: from = C; pick(); arrives()
        :: from = S; pick(); arrives()
        :: forged[e] && receiveNumber[e] < 4 ->
            if :: m = certificates :: m = proof :: m = finished :: m = login :: m = challenge :: m = response :: m = login_ok
               :: m = rekey_start :: m = rekey_reply :: m = rekey_done :: m = ready :: m = chat fi;
            forge()
        fi;
#endif
        if
        :: opens -> receiveNumber[e]++; if :: e == C -> client_takes() :: e == S -> server_takes() fi
        :: else -> closed[e] = true                       /* RL-04: any bad record ends the link */
        fi;
        wired();
        e = 0; from = 0; at = 0; m = 0; right = 0; opens = 0 }
#ifndef HONEST
    :: atomic { state[S] == OPEN && !closed[S] ->         /* the end of the stream, from the network */
#ifdef RL_02
        end_orderly(S) }
#else
        closed[S] = true }
#endif
    :: closed[C] && closed[S] -> break
#else
    :: closed[S] && delivered[C] == wire[S].length -> break
#endif
    od
}
