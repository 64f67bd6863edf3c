package disk

import "github.com/cockroachdb/pebble/v2/vfs"

// alarmFS is the file system that Pebble sees. Pebble panics when a directory
// cannot be synced, in whatever goroutine that happens; the alarm comes first,
// and the goroutine stays there, as after Fatalf.
type alarmFS struct {
	vfs.FS
	alarm *alarm
}

func (f alarmFS) Unwrap() vfs.FS { return f.FS }

func (f alarmFS) OpenDir(name string) (vfs.File, error) {
	d, err := f.FS.OpenDir(name)
	if err != nil {
		return nil, err
	}
	return alarmDir{File: d, alarm: f.alarm}, nil
}

type alarmDir struct {
	vfs.File
	alarm *alarm
}

func (d alarmDir) Sync() error {
	if err := d.File.Sync(); err != nil {
		d.alarm.die(err)
		select {}
	}
	return nil
}
