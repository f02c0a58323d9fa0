# What is checked inside the guest; init sources it (busybox sh). Each check is one line, `PASS name` or `FAIL name: why`,
# and the last line counts them. What the program wrote lies in /out/NAME.{json,txt} and /out/NAME/*.png.
# Nothing here measures time: the limits only keep a broken program from hanging the guest, which is slow.

passed=0
failed=0
pass() {
    passed=$((passed + 1))
    echo "PASS $1"
}
fail() {
    failed=$((failed + 1))
    echo "FAIL $1: $2"
    tail -n 8 "/out/$1.txt" "/out/$1.json" 2>/dev/null | sed 's/^/    | /'
    return 1
}

# check NAME WHY COMMAND...: the command holds, or WHY is said.
check() {
    name=$1 why=$2
    shift 2
    if "$@"; then pass "$name"; else fail "$name" "$why"; fi
}
# within SECONDS COMMAND...: the command holds at last. Not waited for once the program in $live has ended.
live=
within() {
    left=$(($1 * 5))
    shift
    until "$@"; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || return 1
        [ -z "$live" ] || alive "$live" || return 1
        sleep 0.2
    done
}
says() { grep -qiE "$2" "/out/$1.txt" "/out/$1.json" 2>/dev/null; }
pictures() { find "/out/$1" -name '*.png' 2>/dev/null | wc -l; }
at_least() { [ "$(pictures "$1")" -ge "$2" ]; }
alive() { kill -0 "$1" 2>/dev/null; }

NETWORKS="--model /data/tiny --runtime /data/libonnxruntime.so"
LIVE="impasto live --headless --json --size 128 --style /data/style.png $NETWORKS"
vivid() { v4l2-ctl -d /dev/video0 "$@" >/dev/null 2>&1; }
# The names under which the kernel lists vivid's two cameras.
FIRST=vivid-000-vid-cap
SECOND=vivid-001-vid-cap
plug() {
    echo vivid.0 >/sys/bus/platform/drivers/vivid/bind
    # Without the counters that it writes over its colour bars.
    vivid -c osd_text_mode=2
}
unplug() { echo vivid.0 >/sys/bus/platform/drivers/vivid/unbind; }

# run NAME ARGUMENTS...: the program runs to its end, pictures in /out/NAME; its status.
run() {
    name=$1
    shift
    timeout 60 $LIVE --sink "png:/out/$name" "$@" >"/out/$name.json" 2>"/out/$name.txt"
}
# paints NAME SOURCE: thirty frames come, and the report says so.
paints() {
    if ! run "$1" --source "$2" --frames 30; then
        fail "$1" "exit status not 0"
    elif ! at_least "$1" 1; then
        fail "$1" "no picture was written"
    else
        check "$1" "the report does not say 30 frames" grep -qE '"frames[a-z_]*": *30\b' "/out/$1.json"
    fi
}
# refuses NAME WORDS ARGUMENTS...: the program ends by itself with status 1 and one line that has the words.
refuses() {
    name=$1 words=$2
    shift 2
    status=0
    run "$name" --frames 30 "$@" || status=$?
    check "$name" "status $status (expected 1), and these words: $words" eval '[ $status = 1 ] && says "$name" "$words"'
}

listed() {
    impasto doctor --json $NETWORKS >/out/doctor.json 2>/out/doctor.txt
    check doctor "does not list $FIRST and $SECOND" eval 'says doctor $FIRST && says doctor $SECOND'
    impasto live --list >/out/list.json 2>/out/list.txt
    check list "does not list $FIRST and $SECOND" eval 'says list $FIRST && says list $SECOND'
}

# A camera of one format each: v4l2loopback gives out what is written into it, here vivid's bars, again and again.
formats() {
    if [ ! -d /modules/loopback ]; then
        echo "SKIP formats one by one, Motion-JPEG, virtual camera: no v4l2loopback"
        return
    fi
    insmod /modules/loopback/v4l2loopback.ko devices=7 video_nr=20,21,22,23,24,25,26 exclusive_caps=1,1,1,1,1,1,1 \
        card_label=bars-YUYV,bars-NV12,bars-RGB3,bars-BGR3,bars-MJPG,virtual,odd
    number=20
    for format in YUYV NV12 RGB3 BGR3 MJPG; do
        bars=/tmp/bars.$format device=/dev/video$number
        if [ $format = MJPG ]; then
            cp /data/bars.jpg $bars
        else
            vivid --set-fmt-video=width=320,height=180,pixelformat=$format --stream-mmap --stream-count=1 --stream-to=$bars
        fi
        size=$(stat -c %s $bars)
        (
            # The format lasts as long as the device is held open.
            exec 5<>$device
            v4l2-ctl -d $device -c keep_format=1
            v4l2-ctl -d $device --set-fmt-video-out=width=320,height=180,pixelformat=$format
            while dd if=$bars bs="$size" count=1 2>/dev/null; do sleep 0.05; done >&5
        ) >/dev/null 2>&1 &
        writer=$!
        within 20 grep -q "$format:320x180" /sys/devices/virtual/video4linux/video$number/format
        paints "bars-$format" "camera:bars-$format"
        [ $format != MJPG ] || garbage
        kill $writer
        wait $writer 2>/dev/null
        number=$((number + 1))
    done
    virtual_camera
    rmmod v4l2loopback
}

# The Motion-JPEG camera sends random bytes, then pictures that are cut, then good ones again: its writer reads $bars for
# each frame.
garbage() {
    $LIVE --source camera:bars-MJPG --sink png:/out/garbage --frames 1000000 >/out/garbage.json 2>/out/garbage.txt &
    live=$!
    check garbage-before "no pictures to begin with" within 40 at_least garbage 5
    head -c "$size" /dev/urandom >$bars.new && mv $bars.new $bars
    check garbage-told "does not say that frames are damaged" within 40 says garbage 'damaged frames'
    head -c $((size / 3)) /data/bars.jpg >$bars.new && mv $bars.new $bars
    sleep 2
    check garbage-survives "the program ended" alive $live
    cp /data/bars.jpg $bars.new && mv $bars.new $bars
    check garbage-over "does not say that pictures come again" within 40 says garbage 'camera is back'
    stop garbage-stop
    rm -rf /out/garbage
}

# The other way round: what is painted is a camera to other programs.
virtual_camera() {
    $LIVE --source test-card --sink v4l2:/dev/video25 --frames 1000000 >/out/virtual.json 2>/out/virtual.txt &
    live=$!
    check virtual "no frames at /dev/video25" within 40 eval \
        'alive $live && timeout 5 v4l2-ctl -d /dev/video25 --stream-mmap --stream-count=3 --stream-to=/out/virtual.raw >/dev/null 2>&1 && [ -s /out/virtual.raw ]'
    stop virtual-stop
    # At once, while the device may still say that it is no output.
    status=0
    timeout 60 $LIVE --source test-card --sink v4l2:/dev/video25 --frames 3 >/out/virtual-again.json 2>/out/virtual-again.txt || status=$?
    check virtual-again "exit status $status" [ $status = 0 ]
    $LIVE --source test-card --capture 321x241@10 --sink v4l2:/dev/video26 --frames 1000000 >/out/odd.json 2>/out/odd.txt &
    live=$!
    check odd "no frames of an odd size at /dev/video26" within 40 eval \
        'alive $live && grep -q "YUYV:320x240" /sys/devices/virtual/video4linux/video26/format && timeout 5 v4l2-ctl -d /dev/video26 --stream-mmap --stream-count=3 --stream-to=/out/odd.raw >/dev/null 2>&1 && [ -s /out/odd.raw ]'
    check odd-told "the lost column is not told" within 10 grep -q "320x240 of 321x241" /out/odd.txt
    stop odd-stop
}

# stop NAME: Ctrl-C ends the program in $live in good order. (130: as shells expect it.)
stop() {
    if kill -INT $live 2>/dev/null; then
        check "$1" "still runs after Ctrl-C" within 30 eval '! alive $live'
    else
        fail "$1" "had ended before"
    fi
    kill -KILL $live 2>/dev/null
    wait $live 2>/dev/null
    status=$?
    live=
    check "$1-status" "exit status $status, not 0 or 130" [ $status = 0 -o $status = 130 ]
}

# One run through everything that can happen to a cable.
accidents() {
    $LIVE --source camera:$FIRST --sink png:/out/accidents --frames 1000000 >/out/accidents.json 2>/out/accidents.txt &
    live=$!
    within 40 at_least accidents 5 || {
        fail accidents "no pictures to begin with"
        kill -KILL $live 2>/dev/null
        live=
        return
    }
    # One that is not overcome leaves nothing to say about the next.
    cable && silence && error && vanish || tail -n 8 /out/accidents.txt | sed 's/^/    | /'
    stop interrupted
    check interrupted-report "no report after Ctrl-C" grep -q '"' /out/accidents.json
}
cable() {
    unplug
    check unplugged "does not say 'camera lost'" within 40 says accidents 'camera lost'
    check survives "the program ended" alive $live
    plug
    resumes replugged
}
# A camera that is there and gives nothing.
silence() {
    vivid -c percentage_of_dropped_buffers=100
    check silent "does not say so" within 40 eval '[ "$(grep -ciE "camera lost|no (new )?(picture|frame)s?|silent|stale" /out/accidents.txt)" -ge 2 ]'
    vivid -c percentage_of_dropped_buffers=0
    resumes speaks-again
}
# Input/output error in the middle of the stream.
error() { check io-error "vivid makes none" vivid -c inject_fatal_streaming_error=1 && resumes after-io-error; }
# Gone for this process, back for whoever opens it anew.
vanish() { check disconnect "vivid does not" vivid -c disconnect=1 && resumes after-disconnect; }
# resumes NAME: new pictures of the camera come. vivid's bars move by now, a card that says "camera lost" stands still.
resumes() {
    vivid -c osd_text_mode=2 -c horizontal_movement=6
    before=$(pictures accidents)
    check "$1" "no moving pictures" within 60 eval 'at_least accidents $((before + 10)) && moving'
}
# Whether the last eight pictures are not all one.
moving() { [ "$(find /out/accidents -name '*.png' 2>/dev/null | sort | tail -n 9 | head -n 8 | xargs md5sum | cut -d ' ' -f 1 | sort -u | wc -l)" -gt 2 ]; }

refusals() {
    refuses unknown 'nonsense' --source camera:nonsense

    vivid --stream-mmap &
    other=$!
    sleep 1
    refuses in-use 'in use|another program|busy' --source camera:$FIRST
    kill $other
    wait $other 2>/dev/null

    # Every node belongs to root alone.
    status=0
    timeout 60 start-stop-daemon -S -c guest:guest -x /usr/bin/impasto -- live --headless --json --size 128 --frames 30 \
        --style /data/style.png $NETWORKS --source camera:$FIRST --sink null >/out/denied.json 2>/out/denied.txt || status=$?
    check denied "status $status (expected 1), and the remedy (usermod)" eval '[ $status = 1 ] && says denied usermod'

    unplug
    refuses none 'no camera' --source camera
    plug
}

# vivid's bars, with nothing written over them, in whichever format the program chooses.
plain() {
    paints plain "camera:$FIRST"
    paints second "camera:$SECOND"
}

listed
plain
formats
refusals
accidents
# A hundred pictures are enough to look at.
find /out/accidents -name '*.png' 2>/dev/null | sort | head -n -100 | xargs rm -f
echo "DONE $passed passed, $failed failed"
