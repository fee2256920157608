/* Stands in for the kernel's cameras: preloaded, it plays the file videoN in the folder CAMERAS (of the environment) as
   /dev/videoN, at 30 pictures a second, again and again, and lists that folder as /dev. The file: width, height, FourCC, then
   each picture after its length, all uint32. The file's removal unplugs the camera; videoN.busy is another program that has
   it, videoN.forbidden a refusal. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MOST_FDS 1024
#define BUFFERS 4
static struct camera {
  int film, begin, next, queued[BUFFERS], first, waiting;
  uint32_t width, height, fourcc, size;
  char *pictures, path[256];
} *cameras[MOST_FDS];

static int is_marked(const char *path, const char *mark) {
  char name[300];
  snprintf(name, sizeof name, "%s%s", path, mark);
  return access(name, F_OK) == 0;
}

static int fails(int error) { return errno = error, -1; }

static int plug_in(const char *name) {
  struct camera *camera = calloc(1, sizeof *camera);
  snprintf(camera->path, sizeof camera->path, "%s/%s", getenv("CAMERAS"), name);
  if (is_marked(camera->path, ".forbidden")) return fails(EACCES);
  if ((camera->film = openat(AT_FDCWD, camera->path, O_RDONLY | O_CLOEXEC)) < 0) return fails(ENODEV);
  read(camera->film, &camera->width, 12);
  camera->begin = 12, camera->size = (camera->width * camera->height * 2 + 4095) / 4096 * 4096;
  int fd = memfd_create("camera", MFD_CLOEXEC);
  ftruncate(fd, BUFFERS * camera->size);
  camera->pictures = mmap(NULL, BUFFERS * camera->size, PROT_WRITE, MAP_SHARED, fd, 0);
  return cameras[fd] = camera, fd;
}

static int open_any(const char *name, const char *path, int flags, mode_t mode) {
  if (!strncmp(path, "/dev/video", 10)) return plug_in(path + 5);
  return ((int (*)(const char *, int, mode_t))dlsym(RTLD_NEXT, name))(path, flags, mode);
}
#define OPEN(name) int name(const char *path, int flags, ...) { \
    va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
    return open_any(#name, path, flags, mode); }
OPEN(open)
OPEN(open64)

DIR *opendir(const char *path) {
  return ((DIR * (*)(const char *)) dlsym(RTLD_NEXT, "opendir"))(strcmp(path, "/dev") ? path : getenv("CAMERAS"));
}

int close(int fd) {
  if (fd >= 0 && fd < MOST_FDS && cameras[fd]) {
    munmap(cameras[fd]->pictures, BUFFERS * cameras[fd]->size);
    close(cameras[fd]->film);
    free(cameras[fd]), cameras[fd] = NULL;
  }
  return ((int (*)(int))dlsym(RTLD_NEXT, "close"))(fd);
}

static void show(struct camera *camera, struct v4l2_buffer *buffer) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  int64_t picture_ns = 33333333, wait_ns = picture_ns - (now.tv_sec * 1000000000LL + now.tv_nsec) % picture_ns;
  nanosleep(&(struct timespec){0, wait_ns}, NULL);
  uint32_t length;
  if (read(camera->film, &length, 4) != 4) lseek(camera->film, camera->begin, SEEK_SET), read(camera->film, &length, 4);
  buffer->index = camera->queued[camera->first], camera->first = (camera->first + 1) % BUFFERS, camera->waiting--;
  read(camera->film, camera->pictures + buffer->index * camera->size, buffer->bytesused = length);
  buffer->sequence = camera->next++, buffer->length = camera->size, buffer->flags = V4L2_BUF_FLAG_DONE;
  clock_gettime(CLOCK_MONOTONIC, &now);
  buffer->timestamp.tv_sec = now.tv_sec, buffer->timestamp.tv_usec = now.tv_nsec / 1000;
}

static int answer(struct camera *camera, unsigned long request, void *asked) {
  struct v4l2_buffer *buffer = asked;
  if (!is_marked(camera->path, "")) return fails(ENODEV);
  switch (request) {
  case VIDIOC_QUERYCAP:
    ((struct v4l2_capability *)asked)->capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
    return 0;
  case VIDIOC_S_FMT:
    if (is_marked(camera->path, ".busy")) return fails(EBUSY);
  case VIDIOC_G_FMT: { /* whatever is asked for, it has one format */
    struct v4l2_pix_format *format = &((struct v4l2_format *)asked)->fmt.pix;
    format->width = camera->width, format->height = camera->height, format->pixelformat = camera->fourcc;
    format->bytesperline = camera->width * 2, format->sizeimage = camera->size, format->field = V4L2_FIELD_NONE;
    return 0;
  }
  case VIDIOC_G_PARM: case VIDIOC_S_PARM: {
    struct v4l2_captureparm *parameters = &((struct v4l2_streamparm *)asked)->parm.capture;
    parameters->capability = V4L2_CAP_TIMEPERFRAME, parameters->timeperframe = (struct v4l2_fract){1, 30};
    return 0;
  }
  case VIDIOC_REQBUFS:
    camera->waiting = 0;
    if (((struct v4l2_requestbuffers *)asked)->count > BUFFERS) ((struct v4l2_requestbuffers *)asked)->count = BUFFERS;
    return 0;
  case VIDIOC_QUERYBUF:
    buffer->length = camera->size, buffer->m.offset = buffer->index * camera->size;
    return 0;
  case VIDIOC_QBUF:
    camera->queued[(camera->first + camera->waiting++) % BUFFERS] = buffer->index;
    return 0;
  case VIDIOC_DQBUF:
    return camera->waiting ? show(camera, buffer), 0 : fails(EAGAIN);
  case VIDIOC_STREAMON: case VIDIOC_STREAMOFF:
    return 0;
  }
  return fails(EINVAL);
}

int ioctl(int fd, unsigned long request, ...) {
  va_list rest;
  va_start(rest, request);
  void *asked = va_arg(rest, void *);
  va_end(rest);
  if (fd >= 0 && fd < MOST_FDS && cameras[fd]) return answer(cameras[fd], (uint32_t)request, asked);
  return ((int (*)(int, unsigned long, void *))dlsym(RTLD_NEXT, "ioctl"))(fd, request, asked);
}
