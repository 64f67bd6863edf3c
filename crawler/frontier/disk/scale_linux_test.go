package disk_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/disk"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse/link"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

var (
	scale = flag.Int("urls", 100_000, "URLs that BenchmarkScale crawls to")
	part  = flag.Bool("part", false, "BenchmarkScale ends there, and does not read what it has")
)

// BenchmarkScale crawls a made-up web of 100,000 hosts, heavy-tailed, without
// a network: 33 links a page, of which 3.3 are new. Each line is a moment of
// one crawl; what the store costs is all CPU time of the process that was not
// spent in the queue or in making up links, so it includes compaction and all
// of the garbage collector's. A tenth of the URLs are over in seconds, and
// neighbours on the machine may have any of these: it is crawled to three times,
// in processes of their own before and behind, and the median counts.
//
//	go test ./crawler/frontier/disk -run '^$' -bench Scale -benchtime 1x -urls 10000000
func BenchmarkScale(b *testing.B) {
	debug.SetGCPercent(50) // half as much garbage as there is in use, as the limit of crawler/budget has it
	runtime.LockOSThread() // one thread, so that its clock tells where the time goes
	defer runtime.UnlockOSThread()
	for range b.N {
		if *part {
			c := startCrawl(b, filepath.Join(b.TempDir(), "state"))
			c.stage(*scale)
			c.close()
			continue
		}
		tenth := []float64{crawlPart(b, *scale/10)}
		c := startCrawl(b, filepath.Join(b.TempDir(), "state"))
		tenth = append(tenth, c.stage(*scale/10))
		whole := c.stage(*scale)
		c.close()
		c.reopen()
		tenth = append(tenth, crawlPart(b, *scale/10))
		slices.Sort(tenth)
		fmt.Printf("pages per CPU-second ÷ those of a tenth (%.0f): %.2f\n", tenth, whole/tenth[1])
	}
}

// crawlPart crawls in a process of its own.
func crawlPart(b *testing.B, n int) (rate float64) {
	b.Helper()
	out, err := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^$", "-test.bench=^BenchmarkScale$", "-test.benchtime=1x",
		"-urls", strconv.Itoa(n), "-part").CombinedOutput()
	if err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) > 5 && f[5] == rateUnit {
			fmt.Print(line)
			if rate, err = strconv.ParseFloat(f[4], 64); err == nil {
				return rate
			}
		}
	}
	b.Fatalf("no figures in %s", out)
	return 0
}

// stage crawls until n URLs are known, and tells how many pages a CPU-second
// there were in the second half of the way.
func (c *crawl) stage(n int) (rate float64) {
	c.upTo(n / 2)
	c.meter.reset()
	c.upTo(n)
	return c.report(n)
}

const hosts = 100_000

// web makes up URLs: the n-th one is always the same.
type web struct{ buf []byte }

var words = strings.Fields(`about account after again article author autumn best better blog board book breaking budget business
 camera career catalog category center change city class climate coffee comment company compare contact council country course
 credit culture daily data debate design detail doctor dollar download economy editor education election energy engine europe
 event expert fashion field film finance first food football forecast forum future gallery game garden global green group guide
 health help history holiday home hotel house image import index industry inside insight interview island item january job
 journal july kitchen label lake language latest law letter library life light list local london magazine market match media
 member meeting mobile model money month mountain music nature network never news night north note number office online open
 opinion order page paper park partner people person phone photo picture place player plan point policy post press price
 product profile program project public question quick radio rating reader recipe record region report research result review
 river road room rule sale school science search season second section security senior series server service share shop short
 show sign site small social society software solar source south space special sport spring staff standard start state station
 store story street student studio study style summer support survey system table tax teacher team tech test text theater
 theme thing ticket time title today topic tour town trade train travel trend trial trust update user valley value version
 video view village visit voice vote water weather web week west winter woman work world writer year young zone`)

func (w *web) url(n int) weburl.URL {
	w.buf = w.append(w.buf[:0], n)
	return weburl.FromCanonical(string(w.buf))
}

// append appends URL n, of 80 bytes: a host by its share, a section, a slug of
// words, a number.
func (w *web) append(dst []byte, n int) []byte {
	r := uint64(n)*0x9e3779b97f4a7c15 + 0x2545f4914f6cdd1d
	next := func(n int) int {
		r ^= r >> 31
		r *= 0xd6e8feb86659fd93
		r ^= r >> 29
		return int(r % uint64(n))
	}
	host := int(math.Exp(float64(next(1<<30))/(1<<30)*math.Log(hosts))) - 1 // log-uniform: Zipf's law
	b := append(dst, "https://www.site"...)
	b = strconv.AppendInt(b, int64(host)+10_000, 10)
	b = append(b, ".example/"...)
	b = append(append(b, words[next(40)]...), '/')
	id := strconv.AppendInt(make([]byte, 0, 12), int64(n)*7919, 36)
	for len(b)-len(dst) < urlSize-len(id) {
		b = append(append(b, words[next(len(words))]...), '-')
	}
	b = b[:len(dst)+urlSize-len(id)]
	b[len(b)-1] = '-'
	return append(b, id...)
}

const urlSize = 80

type crawl struct {
	b     *testing.B
	dir   string
	web   *web
	rng   *rand.Rand
	store *disk.Store
	queue *frontier.Queue
	meter *meter
	next  int // the first URL that is not known
	pages int
	links []link.Link
}

func startCrawl(b *testing.B, dir string) *crawl {
	c := &crawl{b: b, dir: dir, web: new(web), rng: newRand(1)}
	c.open()
	var seeds []frontier.Candidate
	for ; c.next < 1000; c.next++ {
		seeds = append(seeds, frontier.Seed(c.web.url(c.next)))
	}
	c.queue.Add(seeds)
	return c
}

func (c *crawl) open() {
	s, err := disk.Open(c.dir, disk.Options{})
	if err != nil {
		c.b.Fatal(err)
	}
	c.store, c.meter = s, &meter{Store: s}
	if c.queue, _, err = frontier.Open(c.b.Context(), c.meter, frontier.Options{}); err != nil {
		c.b.Fatal(err)
	}
}

// upTo crawls until n URLs are known.
func (c *crawl) upTo(n int) {
	for c.next < n {
		l, err := c.queue.Next(c.b.Context())
		if err != nil {
			c.b.Fatal(err)
		}
		l.Ended(frontier.Exchange{Health: frontier.Healthy, Elapsed: time.Millisecond})
		c.queue.Done(l, &frontier.Done{Outcome: frontier.Fetched, Status: 200, Links: c.page()})
		c.meter.pages++
		if c.pages++; c.pages%1000 == 0 {
			c.commit()
		}
	}
}

// page makes up 33 links: 3 or 4 new, the others known, half of these lately.
func (c *crawl) page() []link.Link {
	fresh := 3
	if c.rng.IntN(10) < 3 {
		fresh = 4
	}
	c.web.buf = c.web.buf[:0]
	for range linksPerPage - fresh {
		n := c.rng.IntN(c.next)
		if c.rng.IntN(2) == 0 {
			n = max(0, c.next-1-c.rng.IntN(10_000))
		}
		c.web.buf = c.web.append(c.web.buf, n)
	}
	for range fresh {
		c.web.buf = c.web.append(c.web.buf, c.next)
		c.next++
	}
	text := string(c.web.buf) // as a page's links share one text
	c.links = c.links[:0]
	for i := range linksPerPage {
		c.links = append(c.links, link.Link{URL: weburl.FromCanonical(text[i*urlSize : (i+1)*urlSize])})
	}
	return c.links
}

const linksPerPage = 33

func (c *crawl) commit() {
	if err := c.queue.Commit(c.b.Context(), output.Mark(strconv.Itoa(c.pages))); err != nil {
		c.b.Fatal(err)
	}
}

const rateUnit = "pages/CPU-s"

func (c *crawl) report(n int) (rate float64) {
	m := c.meter
	total := processCPU() - m.began
	perPage := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 / float64(m.pages) }
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	rate = float64(m.pages) / total.Seconds()
	fmt.Printf("%9d known %8d pages  %6.0f "+rateUnit+"  %5.1f µs CPU/page (store %5.1f: commit %4.1f, page %4.1f, background %4.1f)  RSS %4d MiB (heap %d, most %d)  disk %5.1f B/URL\n",
		n, c.pages, rate, perPage(total), perPage(total-(threadCPU()-m.beganThread)+m.commit+m.page),
		perPage(m.commit), perPage(m.page), perPage(total-(threadCPU()-m.beganThread)), procStatus("VmRSS"), mem.HeapAlloc>>20, procStatus("VmHWM"),
		float64(dirSize(c.dir))/float64(n))
	return rate
}

func (c *crawl) close() {
	c.commit()
	if err := c.store.Close(); err != nil {
		c.b.Fatal(err)
	}
	c.queue, c.store, c.meter = nil, nil, nil
	runtime.GC()
}

func (c *crawl) reopen() {
	began, cpu := time.Now(), processCPU()
	c.open()
	fmt.Printf("opened %d URLs in %v (CPU %v)  RSS %d MiB\n", c.queue.Stats().Counts.Known, time.Since(began).Round(time.Millisecond),
		(processCPU() - cpu).Round(time.Millisecond), procStatus("VmRSS"))
	known := c.queue.Stats().Counts.Known
	if err := c.store.Close(); err != nil {
		c.b.Fatal(err)
	}
	began, cpu = time.Now(), processCPU()
	if err := disk.Compact(context.WithoutCancel(c.b.Context()), c.dir, disk.Options{}); err != nil {
		c.b.Fatal(err)
	}
	fmt.Printf("compacted to %.1f B/URL in %v (CPU %v)\n", float64(dirSize(c.dir))/float64(known), time.Since(began).Round(time.Millisecond),
		(processCPU() - cpu).Round(time.Millisecond))
	began = time.Now()
	c.open()
	fmt.Printf("opened again in %v\n", time.Since(began).Round(time.Millisecond))
	if err := c.store.Close(); err != nil {
		c.b.Fatal(err)
	}
}

// meter is the store, and the CPU time of the calling thread in it.
type meter struct {
	frontier.Store
	began, beganThread time.Duration
	commit, page       time.Duration
	pages              int
}

func (m *meter) reset() {
	m.commit, m.page, m.pages = 0, 0, 0
	m.began, m.beganThread = processCPU(), threadCPU()
}

func (m *meter) Commit(ctx context.Context, b *frontier.Batch) error {
	began := threadCPU()
	defer func() { m.commit += threadCPU() - began }()
	return m.Store.Commit(ctx, b)
}

func (m *meter) Page(ctx context.Context, host string, after frontier.Key, n int) ([]frontier.Job, error) {
	began := threadCPU()
	defer func() { m.page += threadCPU() - began }()
	return m.Store.Page(ctx, host, after, n)
}

func processCPU() time.Duration { return clock(unix.CLOCK_PROCESS_CPUTIME_ID) }
func threadCPU() time.Duration  { return clock(unix.CLOCK_THREAD_CPUTIME_ID) }

func clock(id int32) time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(id, &ts); err != nil {
		panic(err)
	}
	return time.Duration(ts.Nano())
}

// procStatus reads a size from /proc/self/status, in MiB.
func procStatus(name string) int {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); f[0] == name+":" {
			kib, _ := strconv.Atoi(f[1])
			return kib / 1024
		}
	}
	return 0
}

func dirSize(dir string) (n int64) {
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		panic(err)
	}
	return n
}
