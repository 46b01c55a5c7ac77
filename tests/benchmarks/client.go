// Go's net/http as a list's client: goroutines take URLs from a channel, and each request has a connection of
// its own, since no host comes twice. It parses each head and prints the count of them.
//
// usage: client CONCURRENCY < LIST
package main

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
)

func main() {
	concurrency, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	transport := &http.Transport{DisableKeepAlives: true, DisableCompression: true}
	urls := make(chan string, concurrency)
	var heads, failures int64
	var group sync.WaitGroup
	for n := 0; n < concurrency; n++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for url := range urls {
				if head(transport, url) {
					atomic.AddInt64(&heads, 1)
				} else {
					atomic.AddInt64(&failures, 1)
				}
			}
		}()
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		urls <- lines.Text()
	}
	close(urls)
	group.Wait()
	fmt.Printf("%d heads, %d failures\n", heads, failures)
	if failures != 0 {
		os.Exit(1)
	}
}

// The transport is asked directly: no redirects, no cookies.
func head(transport *http.Transport, url string) bool {
	request, err := http.NewRequest(http.MethodHead, url, nil)
	if err != nil {
		return false
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}
