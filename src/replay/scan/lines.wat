;; Looks at JSON lines as the collector's file exporter writes them, 64 bytes at a time: how many from here on are alike, where
;; each ends, and how many items they hold. JavaScript needs several calls for each item, and takes ten times as long.
;;
;; The first page of the memory is for what is asked and answered (arena.ts has the same numbers):
;;      0  the opening of a line of the signal, 17 to 32 bytes
;;     32  four keys, each 16 bytes of mask and 16 bytes as they stand before the `U` of `UnixNano":"`: two that an item has once
;;         at the most, and two that an item may begin with
;;    160  the answer's items
;;    164  the answer's ends: where the newline of each line is, from the first line's start
(module
  (import "chunks" "memory" (memory 1))

  ;; From $start to $end, at most $most_lines and $most_items; a line that would be over them, or is not as usual, is not taken.
  (func (export "scan")
    (param $start i32) (param $end i32) (param $opening i32) (param $most_lines i32) (param $most_items i32) (result i32)
    (local $from i32) (local $at i32) (local $place i32) (local $lines i32) (local $items i32)
    (local $first i32) (local $second i32) (local $begun i32) (local $hits i64) (local $before v128) (local $newline v128) (local $letter v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local $first_mask v128) (local $first_key v128) (local $second_mask v128) (local $second_key v128)
    (local $third_mask v128) (local $third_key v128) (local $fourth_mask v128) (local $fourth_key v128)
    (local.set $first_mask (v128.load (i32.const 32)))
    (local.set $first_key (v128.load (i32.const 48)))
    (local.set $second_mask (v128.load (i32.const 64)))
    (local.set $second_key (v128.load (i32.const 80)))
    (local.set $third_mask (v128.load (i32.const 96)))
    (local.set $third_key (v128.load (i32.const 112)))
    (local.set $fourth_mask (v128.load (i32.const 128)))
    (local.set $fourth_key (v128.load (i32.const 144)))
    (local.set $from (local.get $start))
    (local.set $at (local.get $start))
    (local.set $newline (i8x16.splat (i32.const 0x0a)))
    (local.set $letter (i8x16.splat (i32.const 0x55)))
    (i32.store (i32.const 160) (i32.const 0))
    (loop $blocks
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (local.get $lines))))
      (local.set $a (v128.load (local.get $at)))
      (local.set $b (v128.load offset=16 (local.get $at)))
      (local.set $c (v128.load offset=32 (local.get $at)))
      (local.set $d (v128.load offset=48 (local.get $at)))
      (local.set $a (v128.or (i8x16.eq (local.get $a) (local.get $newline)) (i8x16.eq (local.get $a) (local.get $letter))))
      (local.set $b (v128.or (i8x16.eq (local.get $b) (local.get $newline)) (i8x16.eq (local.get $b) (local.get $letter))))
      (local.set $c (v128.or (i8x16.eq (local.get $c) (local.get $newline)) (i8x16.eq (local.get $c) (local.get $letter))))
      (local.set $d (v128.or (i8x16.eq (local.get $d) (local.get $newline)) (i8x16.eq (local.get $d) (local.get $letter))))
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
            (if (i32.eq (i32.load8_u (local.get $place)) (i32.const 0x55))
              (then
                ;; `UnixNano`, and in it and behind it `o":"`
                (if (i64.eq (i64.load (local.get $place)) (i64.const 0x6f6e614e78696e55)) (then
                  (if (i32.eq (i32.load offset=7 (local.get $place)) (i32.const 0x223a226f)) (then
                    (local.set $before (v128.load (i32.sub (local.get $place) (i32.const 16))))
                    (local.set $first (i32.add (local.get $first) (i8x16.all_true (i8x16.eq
                      (v128.and (local.get $before) (local.get $first_mask)) (local.get $first_key)))))
                    (local.set $second (i32.add (local.get $second) (i8x16.all_true (i8x16.eq
                      (v128.and (local.get $before) (local.get $second_mask)) (local.get $second_key)))))
                    (local.set $begun (i32.add (local.get $begun) (i32.or
                      (i8x16.all_true (i8x16.eq
                        (v128.and (local.get $before) (local.get $third_mask)) (local.get $third_key)))
                      (i8x16.all_true (i8x16.eq
                        (v128.and (local.get $before) (local.get $fourth_mask)) (local.get $fourth_key)))))))))))
              (else
                ;; A newline behind the end is another chunk's.
                (if (i32.ge_u (local.get $place) (local.get $end)) (then (return (local.get $lines))))
                (if (i32.eqz (call $is_usual (local.get $start) (local.get $place) (local.get $opening)))
                  (then (return (local.get $lines))))
                ;; Items of the line: by what says most, and at least one.
                (if (i32.gt_s (local.get $second) (local.get $first)) (then (local.set $first (local.get $second))))
                (if (i32.gt_s (local.get $begun) (local.get $first)) (then (local.set $first (local.get $begun))))
                (if (i32.eqz (local.get $first)) (then (local.set $first (i32.const 1))))
                (local.set $items (i32.add (local.get $items) (local.get $first)))
                (if (i32.gt_s (local.get $items) (local.get $most_items)) (then (return (local.get $lines))))
                (i32.store (i32.const 160) (local.get $items))
                (i32.store offset=164
                  (i32.shl (local.get $lines) (i32.const 2))
                  (i32.sub (local.get $place) (local.get $from)))
                (local.set $lines (i32.add (local.get $lines) (i32.const 1)))
                (if (i32.eq (local.get $lines) (local.get $most_lines)) (then (return (local.get $lines))))
                (local.set $first (i32.const 0))
                (local.set $second (i32.const 0))
                (local.set $begun (i32.const 0))
                (local.set $start (i32.add (local.get $place) (i32.const 1)))))
            (local.set $hits (i64.and (local.get $hits) (i64.sub (local.get $hits) (i64.const 1))))
            (br_if $bits (i64.ne (local.get $hits) (i64.const 0))))))
      (local.set $at (i32.add (local.get $at) (i32.const 64)))
      (br $blocks))
    (unreachable))

  ;; Whether the line from $start to its newline at $end begins with the opening and `{`, and ends with `}]}`.
  (func $is_usual (param $start i32) (param $end i32) (param $opening i32) (result i32)
    (local $rest i32)
    (if (i32.lt_s (i32.sub (local.get $end) (local.get $start)) (i32.add (local.get $opening) (i32.const 3)))
      (then (return (i32.const 0))))
    ;; Two looks that overlap take in an opening of any length.
    (local.set $rest (i32.sub (local.get $opening) (i32.const 16)))
    (i32.and
      (i8x16.all_true (v128.and
        (i8x16.eq (v128.load (local.get $start)) (v128.load (i32.const 0)))
        (i8x16.eq
          (v128.load (i32.add (local.get $start) (local.get $rest)))
          (v128.load (local.get $rest)))))
      (i32.and
        (i32.eq (i32.load8_u (i32.add (local.get $start) (local.get $opening))) (i32.const 0x7b))
        (i32.eq
          (i32.and (i32.load (i32.sub (local.get $end) (i32.const 4))) (i32.const 0xffffff00))
          (i32.const 0x7d5d7d00))))))
