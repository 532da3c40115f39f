;; Looks at JSON lines as the collector's file exporter writes them, 64 bytes at a time: how many from here on are alike, where
;; each ends, and how many items they hold. JavaScript needs several calls for each item, and takes ten times as long.
;;
;; Lines with exemplars are not alike: these have the key of data points. Nor are lines with a key behind their array, which would
;; swallow what is joined to it: that of another signal is found, and any other shows in how the line ends.
;;
;; The first page of the memory is for what is asked and answered (arena.ts has the same numbers):
;;      0  the opening of a line of the signal, 17 to 32 bytes
;;     32  four keys, each 16 bytes of mask and 16 bytes as they stand before the `U` of `UnixNano":"`: two that an item has once
;;         at the most, and two that an item may begin with
;;    160  the bytes that tell something, each where the lower half of it says: `U`, a newline, `x` where there may be exemplars, and
;;         the letters behind `"resource` of other signals; at the places of all others stand bytes whose lower half is another
;;    176  the answer's items
;;    180  the answer's ends: where the newline of each line is, from the first line's start
(module
  (import "chunks" "memory" (memory 1))

  ;; From $start to $end, at most $most_lines and $most_items; a line that would be over them, or is not as usual, is not taken.
  (func (export "scan")
    (param $start i32) (param $end i32) (param $opening i32) (param $most_lines i32) (param $most_items i32) (result i32)
    (local $from i32) (local $at i32) (local $place i32) (local $byte i32) (local $lines i32) (local $items i32)
    (local $first i32) (local $second i32) (local $begun i32) (local $strange i32) (local $hits i64) (local $before v128)
    (local $telling v128) (local $half v128) (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $telling (v128.load (i32.const 160)))
    (local.set $half (i8x16.splat (i32.const 0x0f)))
    (local.set $from (local.get $start))
    (local.set $at (local.get $start))
    (i32.store (i32.const 176) (i32.const 0))
    (loop $blocks
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (local.get $lines))))
      (local.set $a (v128.load (local.get $at)))
      (local.set $b (v128.load offset=16 (local.get $at)))
      (local.set $c (v128.load offset=32 (local.get $at)))
      (local.set $d (v128.load offset=48 (local.get $at)))
      (local.set $a (i8x16.eq (local.get $a) (i8x16.swizzle (local.get $telling) (v128.and (local.get $a) (local.get $half)))))
      (local.set $b (i8x16.eq (local.get $b) (i8x16.swizzle (local.get $telling) (v128.and (local.get $b) (local.get $half)))))
      (local.set $c (i8x16.eq (local.get $c) (i8x16.swizzle (local.get $telling) (v128.and (local.get $c) (local.get $half)))))
      (local.set $d (i8x16.eq (local.get $d) (i8x16.swizzle (local.get $telling) (v128.and (local.get $d) (local.get $half)))))
      (if (v128.any_true (v128.or
        (v128.or (local.get $a) (local.get $b))
        (v128.or (local.get $c) (local.get $d))))
        (then
          (local.set $hits (i64.or
            (i64.or
              (i64.extend_i32_u (i8x16.bitmask (local.get $a)))
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (local.get $b))) (i64.const 16)))
            (i64.or
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (local.get $c))) (i64.const 32))
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (local.get $d))) (i64.const 48)))))
          (loop $bits
            (local.set $place (i32.add (local.get $at) (i32.wrap_i64 (i64.ctz (local.get $hits)))))
            (local.set $byte (i32.load8_u (local.get $place)))
            (if (i32.eq (local.get $byte) (i32.const 0x55))
              (then
                ;; `UnixNano`, and in it and behind it `o":"`
                (if (i64.eq (i64.load (local.get $place)) (i64.const 0x6f6e614e78696e55)) (then
                  (if (i32.eq (i32.load offset=7 (local.get $place)) (i32.const 0x223a226f)) (then
                    (local.set $before (v128.load (i32.sub (local.get $place) (i32.const 16))))
                    (local.set $first (i32.add (local.get $first) (i8x16.all_true (i8x16.eq
                      (v128.and (local.get $before) (v128.load (i32.const 32))) (v128.load (i32.const 48))))))
                    (local.set $second (i32.add (local.get $second) (i8x16.all_true (i8x16.eq
                      (v128.and (local.get $before) (v128.load (i32.const 64))) (v128.load (i32.const 80))))))
                    (local.set $begun (i32.add (local.get $begun) (i32.or
                      (i8x16.all_true (i8x16.eq
                        (v128.and (local.get $before) (v128.load (i32.const 96))) (v128.load (i32.const 112))))
                      (i8x16.all_true (i8x16.eq
                        (v128.and (local.get $before) (v128.load (i32.const 128))) (v128.load (i32.const 144))))))))))))
              (else (if (i32.ne (local.get $byte) (i32.const 0x0a))
                (then
                  (if (call $is_strange (local.get $place)) (then (local.set $strange (i32.const 1)))))
                (else
                  ;; A newline behind the end is another chunk's.
                  (if (i32.ge_u (local.get $place) (local.get $end)) (then (return (local.get $lines))))
                  (if (local.get $strange) (then (return (local.get $lines))))
                  (if (i32.eqz (call $is_usual (local.get $start) (local.get $place) (local.get $opening)))
                    (then (return (local.get $lines))))
                  ;; Items of the line: by what says most, and at least one.
                  (if (i32.gt_s (local.get $second) (local.get $first)) (then (local.set $first (local.get $second))))
                  (if (i32.gt_s (local.get $begun) (local.get $first)) (then (local.set $first (local.get $begun))))
                  (if (i32.eqz (local.get $first)) (then (local.set $first (i32.const 1))))
                  (local.set $items (i32.add (local.get $items) (local.get $first)))
                  (if (i32.gt_s (local.get $items) (local.get $most_items)) (then (return (local.get $lines))))
                  (i32.store (i32.const 176) (local.get $items))
                  (i32.store offset=180
                    (i32.shl (local.get $lines) (i32.const 2))
                    (i32.sub (local.get $place) (local.get $from)))
                  (local.set $lines (i32.add (local.get $lines) (i32.const 1)))
                  (if (i32.eq (local.get $lines) (local.get $most_lines)) (then (return (local.get $lines))))
                  (local.set $first (i32.const 0))
                  (local.set $second (i32.const 0))
                  (local.set $begun (i32.const 0))
                  (local.set $start (i32.add (local.get $place) (i32.const 1)))))))
            (local.set $hits (i64.and (local.get $hits) (i64.sub (local.get $hits) (i64.const 1))))
            (br_if $bits (i64.ne (local.get $hits) (i64.const 0))))))
      (local.set $at (i32.add (local.get $at) (i32.const 64)))
      (br $blocks))
    (unreachable))

  ;; Whether the letter at $place is the `x` of `"exemplars":[`, or stands behind `,"resource`.
  (func $is_strange (param $place i32) (result i32)
    (if (i32.eq (i32.load8_u (local.get $place)) (i32.const 0x78))
      (then (return (i32.and
        (i64.eq (i64.load (local.get $place)) (i64.const 0x7372616c706d6578))
        (i32.and
          (i32.eq (i32.load16_u (i32.sub (local.get $place) (i32.const 2))) (i32.const 0x6522))
          (i32.eq (i32.and (i32.load offset=8 (local.get $place)) (i32.const 0xffffff)) (i32.const 0x5b3a22)))))))
    (i32.and
      (i64.eq (i64.load (i32.sub (local.get $place) (i32.const 8))) (i64.const 0x656372756f736572))
      (i32.eq (i32.load16_u (i32.sub (local.get $place) (i32.const 10))) (i32.const 0x222c))))

  ;; Whether the line from $start to its newline at $end begins with the opening and `{`, and ends as resources do: with a scope,
  ;; which ends with its items or its schema, or with a schema of their own.
  (func $is_usual (param $start i32) (param $end i32) (param $opening i32) (result i32)
    (local $rest i32)
    (if (i32.lt_s (i32.sub (local.get $end) (local.get $start)) (i32.add (local.get $opening) (i32.const 8)))
      (then (return (i32.const 0))))
    ;; Two looks that overlap take in an opening of any length.
    (local.set $rest (i32.sub (local.get $opening) (i32.const 16)))
    (if (i32.eqz (i8x16.all_true (v128.and
      (i8x16.eq (v128.load (local.get $start)) (v128.load (i32.const 0)))
      (i8x16.eq
        (v128.load (i32.add (local.get $start) (local.get $rest)))
        (v128.load (local.get $rest))))))
      (then (return (i32.const 0))))
    (if (i32.ne (i32.load8_u (i32.add (local.get $start) (local.get $opening))) (i32.const 0x7b))
      (then (return (i32.const 0))))
    ;; `]}]}]}`
    (if (i64.eq
      (i64.shr_u (i64.load (i32.sub (local.get $end) (i32.const 8))) (i64.const 16))
      (i64.const 0x7d5d7d5d7d5d))
      (then (return (i32.const 1))))
    ;; `"}]}`, or `"}]}]}`
    (if (i32.eq (i32.load (i32.sub (local.get $end) (i32.const 4))) (i32.const 0x7d5d7d22))
      (then (return (call $is_schema (i32.sub (local.get $end) (i32.const 5))))))
    (if (i64.eq
      (i64.shr_u (i64.load (i32.sub (local.get $end) (i32.const 8))) (i64.const 16))
      (i64.const 0x7d5d7d5d7d22))
      (then (return (call $is_schema (i32.sub (local.get $end) (i32.const 7))))))
    (i32.const 0))

  ;; Whether a text of usual length, the last byte of which is at $at, is the value of a `"schemaUrl":`.
  (func $is_schema (param $at i32) (result i32)
    (local $stop i32)
    (local.set $stop (i32.sub (local.get $at) (i32.const 256)))
    (loop $bytes
      (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x22))
        (then (return (i32.and
          (i64.eq (i64.load (i32.sub (local.get $at) (i32.const 8))) (i64.const 0x3a226c7255616d65))
          (i32.eq (i32.load (i32.sub (local.get $at) (i32.const 12))) (i32.const 0x68637322))))))
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (br_if $bytes (i32.gt_u (local.get $at) (local.get $stop))))
    (i32.const 0)))
